{{ config(
    materialized='incremental_by_key',
    unique_key=['agent_id', 'started_at'],
    meta={'incremental': {
        'key': ['agent_id', 'state_started_on'],
        'inputs': {
            'int_agent_states__unioned': {'macro': 'days_of_agent_states'},
            'int_agents__history': {
                'through': 'int_agent_states__without_overlaps', 'on': ['agent_id'], 'key': {'state_started_on': 'started_on'},
            },
            'int_run__as_of': [
                {
                    'clock': 'as_of', 'through': 'int_agent_states__without_overlaps', 'while': ['started_at', 'ended_at'],
                    'key': {'state_started_on': 'started_on'},
                },
                {'clock': 'as_of', 'through': 'int_agent_states__by_local_day', 'while': ['started_at', 'ended_at']},
            ],
        },
    }}
) }}

-- Time counts for the local day in which it passed, and for the team and site that the agent had when the state started.
-- depends_on: {{ ref('int_agent_states__unioned') }}
with

agent_states as (

    select * from {{ ref('int_agent_states__without_overlaps') }}
    where {{ is_affected('agent_id', 'started_on') }}

),

placed as (

    select
        agent_states.*,
        agents.team_id,
        {{ is_sales_role('agents.role') }} as is_sales_role,
        {{ dimension_key('agents.site_id') }} as site_id,
        {{ time_zone('sites') }} as timezone
    from agent_states
    {{ join_agent('agent_states.agent_id', 'agent_states.state_started_at') }}
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
        started_on as state_started_on,
        state_started_at,
        piece_started_at as started_at,
        piece_ended_at as ended_at
    from local_pieces

)

select * from final
