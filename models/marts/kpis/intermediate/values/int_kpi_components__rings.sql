{{ config(
    materialized='incremental_by_key',
    unique_key=['kpi', 'date_day', 'level', 'level_id'],
    meta={'incremental': {'key': ['date_day']}}
) }}

-- Daily numerators and denominators of the KPIs over this fact, from the semantic layer.
-- depends_on: {{ ref('fct_rings') }}
{{ kpi_components('rings') }}
