-- Why the numbers do not add up: every visit to a queue has one outcome, and KPIs leave some of them out. Visits that are still open are
-- in no KPI, flow-outs and short abandons are offered but no matter of the service level (ACC-2).
{% set outcomes = {
    'answered': {'visits': 'is_answered', 'is_in_offered': 1, 'is_in_service_level': 1},
    'abandoned': {'visits': 'is_abandoned - is_short_abandon', 'is_in_offered': 1, 'is_in_service_level': 1},
    'short_abandoned': {'visits': 'is_short_abandon', 'is_in_offered': 1, 'is_in_service_level': 0},
    'flow_out': {'visits': 'is_flow_out', 'is_in_offered': 1, 'is_in_service_level': 0},
    'open': {'visits': 'is_open', 'is_in_offered': 0, 'is_in_service_level': 0},
} %}
with

queue_visits as (

    select * from {{ ref('fct_queue_visits') }}

),

final as (
    {% for outcome, counted in outcomes.items() %}
    select
        queue_id,
        '{{ outcome }}' as outcome,
        cast(sum({{ counted.visits }}) as {{ dbt.type_bigint() }}) as visits,
        {{ counted.is_in_offered }} as is_in_offered,
        {{ counted.is_in_service_level }} as is_in_service_level,
        date_day
    from queue_visits
    group by date_day, queue_id
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from final
