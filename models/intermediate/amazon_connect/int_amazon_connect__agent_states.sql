{{ config(
    materialized='incremental_by_key',
    unique_key=['agent_id', 'started_at'],
    meta={'incremental': {'key': ['agent_id'], 'records': ['started_at']}}
) }}

-- A state lasts from the first event that shows it to the first that shows another. Before the first event the agent was as that event says
-- that the agent had been. After a logout the agent is offline, whatever the heartbeats say that still come.
with

snapshots as (

    select * from {{ ref('int_amazon_connect__snapshots') }}
    where {{ is_affected('agent_id') }}

),

first_events as (

    select
        agent_id,
        min(event_timestamp) as event_timestamp
    from snapshots
    group by agent_id

),

shown as (

    select
        agent_id,
        event_id,
        event_type,
        state,
        since,
        event_timestamp as shown_at
    from snapshots
    where moment = 'current'
    union all
    select
        snapshots.agent_id,
        snapshots.event_id,
        'STATE_CHANGE' as event_type,
        snapshots.state,
        snapshots.since,
        snapshots.since as shown_at
    from snapshots
    inner join first_events
        on
            snapshots.agent_id = first_events.agent_id
            and snapshots.event_timestamp = first_events.event_timestamp
    where
        snapshots.moment = 'previous'
        and snapshots.since < snapshots.event_timestamp
        and snapshots.event_type != 'LOGIN'

),

ranked as (

    select
        agent_id,
        state,
        event_type,
        shown_at,
        max(shown_at) over (partition by agent_id) as last_shown_at,
        -- Of events at one instant that counts which shows the newest state.
        row_number() over (
            partition by agent_id, shown_at
            order by case when event_type = 'LOGOUT' then 0 else 1 end, coalesce(since, cast('1970-01-01' as timestamp)) desc, event_id desc
        ) as rank_from_newest
    from shown

),

stated as (

    select
        agent_id,
        shown_at,
        last_shown_at,
        case
            when event_type = 'LOGOUT' then 'offline'
            when
                event_type = 'HEART_BEAT'
                and {{ previous_not_null(
                    "case when event_type != 'HEART_BEAT' then event_type end", 'partition by agent_id order by shown_at'
                ) }} = 'LOGOUT'
                then 'offline'
            else state
        end as state
    from ranked
    where rank_from_newest = 1

),

compared as (

    select
        *,
        lag(state) over (partition by agent_id order by shown_at) as state_before
    from stated
    where state is not null

),

final as (

    select
        agent_id,
        state,
        shown_at as started_at,
        lead(shown_at) over (partition by agent_id order by shown_at) as ended_at,
        coalesce(lead(shown_at) over (partition by agent_id order by shown_at), last_shown_at) as updated_at
    from compared
    where state_before is null or state_before != state

)

select * from final
