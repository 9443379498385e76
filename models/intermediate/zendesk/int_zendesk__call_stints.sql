-- What an agent's leg of a call was: a ring in vain, a talk, or neither. Who only gave advice or listened did not talk with the customer. A
-- call that was answered, and none of whose legs talked, has the talk of the agent whom it names (ZEN-14).
with

calls as (

    select * from {{ ref('int_zendesk__calls') }}

),

legs as (

    select
        *,
        lower(completion_status) as ended_how
    from {{ ref('stg_zendesk__call_legs') }}

),

-- Of outside numbers only that somebody talked there is read.
told as (

    select
        *,
        case
            when lower(leg_type) = 'external' then 'outside'
            when ended_how like '%declined' or ended_how like '%missed' then 'ring'
            when talk_seconds > 0 or hold_seconds > 0 then 'talk'
            when ended_how = 'completed' and talk_seconds is null then 'talk'
            else 'none'
        end as kind
    from legs
    where
        (lower(leg_type) = 'agent' and agent_id != '0')
        or (lower(leg_type) = 'external' and talk_seconds > 0)

),

with_legs as (

    select
        call_id,
        max(case when kind = 'talk' then 1 else 0 end) as has_talk
    from told
    where kind != 'outside'
    group by call_id

),

stints as (

    select
        call_id,
        leg_id,
        agent_id,
        kind,
        transferred_to,
        duration_seconds,
        talk_seconds,
        hold_seconds,
        wrap_up_seconds,
        created_at as started_at,
        created_at as rang_at,
        case when conference_from != '0' then 1 else 0 end as is_conference
    from told
    union all
    select
        calls.call_id,
        calls.call_id as leg_id,
        calls.agent_id,
        case when calls.talk_seconds is null or calls.talk_seconds > 0 or calls.hold_seconds > 0 then 'talk' else 'none' end as kind,
        cast(null as {{ dbt.type_string() }}) as transferred_to,
        calls.duration_seconds,
        calls.talk_seconds,
        calls.hold_seconds,
        calls.wrap_up_seconds,
        calls.started_at,
        cast(null as timestamp) as rang_at,
        0 as is_conference
    from calls
    left join with_legs on calls.call_id = with_legs.call_id
    where
        calls.agent_id is not null
        and calls.completion_status is not null
        and (with_legs.call_id is null or (with_legs.has_talk = 0 and calls.answer_seconds is not null and calls.talk_seconds > 0))

),

timed as (

    select
        *,
        case when duration_seconds > 0 then {{ dbt.dateadd('second', 'duration_seconds', 'started_at') }} end as ended_at,
        cast(row_number() over (partition by call_id, kind order by started_at, leg_id) as {{ dbt.type_bigint() }}) as number_of_kind,
        max(case when kind in ('talk', 'outside') and is_conference = 0 then 1 else 0 end) over (
            partition by call_id order by started_at, leg_id rows between 1 following and unbounded following
        ) as is_followed,
        max(case when kind = 'ring' then 1 else 0 end) over (
            partition by call_id order by started_at, leg_id rows between 1 following and unbounded following
        ) as is_refused
    from stints

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
            when is_followed = 1 or (transferred_to != '0' and coalesce(is_refused, 0) = 0) then 1
            else 0
        end as is_handed_over
    from timed
    where kind != 'outside'

)

select * from final
