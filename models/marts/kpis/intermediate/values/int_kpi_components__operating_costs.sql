{{ config(materialized='table') }}

-- Daily numerators and denominators of the KPIs over this fact, from the semantic layer.
-- depends_on: {{ ref('fct_operating_costs') }}
{{ kpi_components('operating_costs') }}
