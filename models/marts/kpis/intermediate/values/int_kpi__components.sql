-- The daily components of every KPI, whichever fact they come from.
{%- set semantic_models = [
    'agent_time',
    'case_backlog',
    'cases',
    'closed_cases',
    'contact_logins',
    'contact_resolution',
    'contacts',
    'employee_surveys',
    'evaluations',
    'forecast_intervals',
    'handled_legs',
    'operating_costs',
    'orders',
    'queue_visits',
    'rings',
    'scheduled_time',
    'self_service_sessions',
    'surveys',
] %}
with

final as (
    {% for semantic_model in semantic_models %}
    select
        kpi,
        date_day,
        level,
        level_id,
        numerator,
        denominator,
        sum_of_squares,
        sample_size
    from {{ ref('int_kpi_components__' ~ semantic_model) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from final
