{{ config(materialized='table') }}

-- Daily numerators and denominators of the KPIs over this fact, from their definitions in models/semantic.
-- depends_on: {{ ref('fct_closed_cases') }}
{{ kpi_components('closed_cases') }}
