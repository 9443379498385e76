{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['kpi', 'date_day', 'level', 'level_id'],
    meta={'logs': {'kpi_date': ['kpi', 'date_day']}}
) }}

-- Daily numerators and denominators of the KPIs over this fact, from the semantic layer.
-- depends_on: {{ ref('fct_operating_costs') }}
{% do recompute() %}
{{ kpi_components('operating_costs') }}
