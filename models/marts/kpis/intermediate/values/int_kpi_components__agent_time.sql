{{ config(materialized='table') }}

-- Daily numerators and denominators of the KPIs over this fact, from the semantic layer.
-- depends_on: {{ ref('fct_agent_time') }}
{{ kpi_components('agent_time') }}
