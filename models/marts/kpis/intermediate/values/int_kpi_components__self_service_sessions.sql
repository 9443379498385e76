{{ config(materialized='table') }}

-- Daily numerators and denominators of the KPIs over this fact, from the semantic layer.
-- depends_on: {{ ref('fct_self_service_sessions') }}
{{ kpi_components('self_service_sessions') }}
