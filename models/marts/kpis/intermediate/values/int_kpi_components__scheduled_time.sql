{{ config(materialized='table') }}

-- Daily numerators and denominators of the KPIs over this fact, from the semantic layer.
-- depends_on: {{ ref('fct_schedule_adherence') }}
{{ kpi_components('scheduled_time') }}
