{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['kpi', 'date_day', 'level', 'level_id'],
    meta={'logs': {'kpi_date': ['kpi', 'date_day']}}
) }}

-- Daily numerators and denominators of the KPIs over this fact, from the semantic layer.
-- depends_on: {{ ref('fct_employee_surveys') }}
{% do recompute() %}
{{ kpi_components('employee_surveys') }}
