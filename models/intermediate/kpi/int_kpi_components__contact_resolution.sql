-- Daily numerators and denominators of the KPIs over this fact, from their definitions in models/semantic.
-- depends_on: {{ ref('fct_contact_resolution') }}
{{ kpi_components('contact_resolution') }}
