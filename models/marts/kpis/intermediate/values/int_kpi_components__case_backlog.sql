{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['kpi', 'date_day', 'level', 'level_id'],
    meta={'unit': 'date_day', 'unit_type': 'date', 'logs': {'kpi_date': ['kpi', 'date_day']}}
) }}

-- Daily numerators and denominators of the KPIs over this fact, from the semantic layer.
-- depends_on: {{ ref('fct_case_backlog') }}
{% set scope = recompute([changed('fct_case_backlog', 'date_day')]) %}
{{ kpi_components('case_backlog', scope) }}
