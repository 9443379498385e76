{{ config(materialized='table') }}

-- Daily numerators and denominators of the KPIs over this fact, from the semantic layer.
-- depends_on: {{ ref('fct_closed_cases') }}
{{ kpi_components('closed_cases') }}
