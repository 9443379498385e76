-- Time counts for the local day in which it passed, and for the team and site that the agent had when the state started. States are
-- cut at UTC midnights too, which changes no sum and makes finding the local day an equality join.
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

utc_days as (

    select
        *,
        cast(started_at as date) as utc_day
    from placed
    where cast(started_at as date) = cast(ended_at as date)
    union all
    select
        placed.*,
        dates.date_day as utc_day
    from placed
    left join dates
        on
            cast(placed.started_at as date) <= dates.date_day
            and placed.ended_at > cast(dates.date_day as timestamp)
    where cast(placed.started_at as date) < cast(placed.ended_at as date)

),

utc_pieces as (

    select
        *,
        greatest(started_at, cast(utc_day as timestamp)) as utc_day_starts_at,
        least(ended_at, {{ dbt.dateadd('day', 1, 'cast(utc_day as timestamp)') }}) as utc_day_ends_at
    from utc_days

),

final as (

    select
        utc_pieces.agent_id,
        {{ dimension_key('utc_pieces.team_id') }} as team_id,
        utc_pieces.site_id,
        utc_pieces.state,
        utc_pieces.is_sales_role,
        local_days.date_day,
        greatest(utc_pieces.utc_day_starts_at, local_days.starts_at) as started_at,
        least(utc_pieces.utc_day_ends_at, local_days.ends_at) as ended_at
    from utc_pieces
    left join local_days
        on
            utc_pieces.timezone = local_days.timezone
            and utc_pieces.utc_day = local_days.utc_day
            and utc_pieces.utc_day_starts_at < local_days.ends_at
            and utc_pieces.utc_day_ends_at > local_days.starts_at

)

select * from final
