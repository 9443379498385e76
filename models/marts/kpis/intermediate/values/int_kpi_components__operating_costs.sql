{{ config(materialized='table') }}

-- Daily numerators and denominators of the KPIs over this fact, from their definitions in models/semantic.
-- depends_on: {{ ref('fct_operating_costs') }}
{{ kpi_components('operating_costs') }}
