-- What an agent's leg of a call was: a ring in vain, a talk, or neither. Who only gave advice or listened did not talk with the customer. A
-- call without agents' legs has the talk of the agent whom it names (ZEN-14).
with

calls as (

    select * from {{ ref('int_zendesk__calls') }}

),

agents_legs as (

    select
        *,
        lower(completion_status) as ended_how
    from {{ ref('stg_zendesk__call_legs') }}
    where
        lower(leg_type) = 'agent'
        and agent_id != '0'

),

stints as (

    select
        call_id,
        leg_id,
        agent_id,
        ended_how,
        transferred_to,
        duration_seconds,
        talk_seconds,
        hold_seconds,
        wrap_up_seconds,
        created_at as started_at,
        created_at as rang_at,
        case when conference_from is not null then 1 else 0 end as is_conference
    from agents_legs
    union all
    select
        call_id,
        call_id as leg_id,
        agent_id,
        'completed' as ended_how,
        cast(null as {{ dbt.type_string() }}) as transferred_to,
        duration_seconds,
        talk_seconds,
        hold_seconds,
        wrap_up_seconds,
        started_at,
        cast(null as timestamp) as rang_at,
        0 as is_conference
    from calls
    where
        agent_id is not null
        and completion_status is not null
        and call_id not in (select agents_legs.call_id from agents_legs)

),

told as (

    select
        *,
        case
            when ended_how like '%declined' or ended_how like '%missed' then 'ring'
            when ended_how = 'completed' and (talk_seconds is null or talk_seconds > 0 or hold_seconds > 0) then 'talk'
            else 'none'
        end as kind
    from stints

),

timed as (

    select
        *,
        case when duration_seconds > 0 then {{ dbt.dateadd('second', 'duration_seconds', 'started_at') }} end as ended_at,
        cast(row_number() over (partition by call_id, kind order by started_at, leg_id) as {{ dbt.type_bigint() }}) as number_of_kind,
        max(case when kind = 'talk' and is_conference = 0 then 1 else 0 end) over (
            partition by call_id order by started_at, leg_id rows between 1 following and unbounded following
        ) as is_followed,
        max(case when ended_how = 'agent_transfer_declined' then 1 else 0 end) over (
            partition by call_id order by started_at, leg_id rows between 1 following and unbounded following
        ) as is_declined
    from told

),

final as (

    select
        call_id,
        leg_id,
        agent_id,
        kind,
        number_of_kind,
        talk_seconds,
        hold_seconds,
        wrap_up_seconds,
        started_at,
        rang_at,
        ended_at,
        case when duration_seconds > 0 then duration_seconds end as leg_seconds,
        -- The talk and the hold are the last of a leg.
        case
            when kind = 'talk'
                then greatest(
                    started_at,
                    coalesce({{ dbt.dateadd('second', '-(talk_seconds + coalesce(hold_seconds, 0))', 'ended_at') }}, started_at)
                )
        end as talked_at,
        case
            when is_followed = 1 or (transferred_to != '0' and coalesce(is_declined, 0) = 0) then 1
            else 0
        end as is_handed_over
    from timed

)

select * from final
