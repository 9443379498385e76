-- Time counts for the local day in which it passed, and for the team and site that the agent had when the state started.
with

agent_states as (

    select * from {{ ref('int_agent_states__without_overlaps') }}

),

agents as (

    select * from {{ ref('int_agents__history') }}

),

sites as (

    select * from {{ ref('dim_sites') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

local_days as (

    select * from {{ ref('int_time__local_days') }}

),

placed as (

    select
        agent_states.*,
        agents.team_id,
        {{ is_sales_role('agents.role') }} as is_sales_role,
        sites.site_id,
        sites.timezone
    from agent_states
    left join agents
        on
            agent_states.agent_id = agents.agent_id
            and {{ holds_at('agents', 'agent_states.started_at') }}
    inner join sites on {{ dimension_key('agents.site_id') }} = sites.site_id

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
        piece_started_at as started_at,
        piece_ended_at as ended_at
    from local_pieces

)

select * from final
