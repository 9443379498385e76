{{ config(materialized='table') }}

-- Daily numerators and denominators of the KPIs over this fact, from their definitions in models/semantic.
-- depends_on: {{ ref('fct_schedule_adherence') }}
{{ kpi_components('scheduled_time') }}
