{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['agent_id', 'started_at'],
    meta={
        'unit': agent_day('cast(state_started_at as date)'),
        'logs': {'agent_day': agent_day(), 'agent_utc_day': agent_day('cast(started_at as date)')},
    }
) }}

-- Time counts for the local day in which it passed, and for the team and site that the agent had when the state started.
{% set scope = recompute(
    [
        changed('int_agent_states__without_overlaps', 'unit'),
        agent_days_of(tracked('int_agent_states__days'), changed('int_agents__history', 'agent_id')),
    ],
    small_inputs=[tracked('int_sites__unioned'), tracked('int_time__calendar'), tracked('int_time__local_days')]
) %}
with

agent_states as (

    select * from {{ ref('int_agent_states__without_overlaps') }}
    where {{ in_scope(agent_day('cast(started_at as date)'), scope) }}

),

placed as (

    select
        agent_states.*,
        agents.team_id,
        {{ is_sales_role('agents.role') }} as is_sales_role,
        {{ dimension_key('agents.site_id') }} as site_id,
        {{ time_zone('sites') }} as timezone
    from agent_states
    {{ join_agent('agent_states.agent_id', 'agent_states.started_at') }}
    {{ join_site('agents.site_id') }}

),

{{ local_day_pieces('placed') }},

final as (

    select
        agent_id,
        {{ dimension_key('team_id') }} as team_id,
        site_id,
        state,
        is_sales_role,
        date_day,
        started_at as state_started_at,
        piece_started_at as started_at,
        piece_ended_at as ended_at
    from local_pieces

)

select * from final
