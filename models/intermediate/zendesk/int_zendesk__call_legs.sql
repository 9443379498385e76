-- The legs of a call in order of time: agents who were rung in vain, those who talked, and the wait if nobody answered it or if it became
-- a callback. Rings before the answer are of the same visit to the queue (ZEN-15).
with

calls as (

    select * from {{ ref('int_zendesk__calls') }}

),

waits as (

    select * from {{ ref('int_zendesk__call_waits') }}

),

stints as (

    select * from {{ ref('int_zendesk__call_stints') }}
    where kind in ('ring', 'talk')

),

agents as (

    select
        waits.call_id,
        stints.leg_id,
        stints.agent_id,
        stints.kind,
        stints.started_at as part_started_at,
        stints.rang_at,
        stints.ended_at,
        case when stints.kind = 'talk' then stints.talk_seconds end as talk_seconds,
        case when stints.kind = 'talk' then stints.hold_seconds end as hold_seconds,
        case when stints.kind = 'talk' then stints.wrap_up_seconds end as wrap_up_seconds,
        stints.leg_seconds,
        stints.is_handed_over,
        case
            when stints.kind = 'talk' and stints.number_of_kind = 1 then waits.answered_at
            else stints.talked_at
        end as answered_at,
        case
            when stints.kind = 'talk' and stints.number_of_kind = 1 then 1
            when stints.kind = 'ring' and stints.started_at < coalesce(waits.answered_at, cast('9999-12-31' as timestamp)) then 1
            else 0
        end as is_of_first_visit,
        case when waits.end_reason = 'callback_requested' then null else waits.enqueued_at end as visit_enqueued_at
    from waits
    inner join stints on waits.call_id = stints.call_id

),

parts as (

    select
        agents.*,
        coalesce(agents.rang_at, agents.answered_at, agents.part_started_at) as in_order_at,
        case when agents.is_of_first_visit = 1 then agents.visit_enqueued_at end as enqueued_at,
        case
            when agents.kind = 'ring' then 'ring_no_answer'
            when agents.is_handed_over = 1 then 'transferred'
            else 'completed'
        end as end_reason
    from agents
    union all
    select
        waits.call_id,
        waits.call_id as leg_id,
        waits.caller_id as agent_id,
        'wait' as kind,
        calls.started_at as part_started_at,
        cast(null as timestamp) as rang_at,
        case when waits.end_reason is not null and waits.end_reason != 'callback_requested' then calls.ended_at end as ended_at,
        cast(null as {{ dbt.type_bigint() }}) as talk_seconds,
        cast(null as {{ dbt.type_bigint() }}) as hold_seconds,
        cast(null as {{ dbt.type_bigint() }}) as wrap_up_seconds,
        cast(null as {{ dbt.type_bigint() }}) as leg_seconds,
        0 as is_handed_over,
        cast(null as timestamp) as answered_at,
        1 as is_of_first_visit,
        waits.enqueued_at as visit_enqueued_at,
        case
            when waits.end_reason = 'callback_requested' then calls.started_at
            else cast('9999-12-31' as timestamp)
        end as in_order_at,
        waits.enqueued_at,
        waits.end_reason
    from waits
    inner join calls on waits.call_id = calls.call_id
    where
        waits.is_answered = 0
        or waits.end_reason = 'callback_requested'

),

ordered as (

    select
        *,
        row_number() over (partition by call_id order by in_order_at, case when kind = 'wait' then 0 else 1 end, leg_id) as leg_number
    from parts

),

final as (

    select
        calls.contact_id,
        cast(ordered.leg_number as {{ dbt.type_bigint() }}) as leg_number,
        'voice' as channel,
        calls.direction,
        calls.customer_id,
        calls.dialled_address,
        calls.reason_code,
        ordered.enqueued_at,
        ordered.answered_at,
        ordered.talk_seconds,
        ordered.hold_seconds,
        ordered.wrap_up_seconds as acw_seconds,
        ordered.end_reason,
        calls.updated_at,
        {{ known_as('zendesk', 'agent_id', 'ordered.agent_id') }} as agent_id,
        case when ordered.is_of_first_visit = 1 then {{ known_as('zendesk', 'queue_id', 'calls.group_id') }} end as queue_id,
        case
            when ordered.kind != 'wait' and ordered.is_of_first_visit = 0 then 'transfer'
            when calls.is_callback = 1 and (ordered.kind != 'wait' or calls.direction = 'outbound') then 'callback'
            when calls.direction != 'outbound' then 'customer'
            else 'agent'
        end as initiation,
        case
            when ordered.leg_number = 1 then calls.started_at
            else least(
                coalesce(ordered.enqueued_at, ordered.part_started_at),
                coalesce(ordered.answered_at, ordered.enqueued_at, ordered.part_started_at)
            )
        end as started_at,
        case
            when ordered.ended_at is not null
                then greatest(ordered.ended_at, coalesce(ordered.answered_at, ordered.enqueued_at, ordered.ended_at))
        end as ended_at,
        case
            when ordered.kind = 'ring' then ordered.leg_seconds
            when
                ordered.is_of_first_visit = 1
                and calls.direction != 'outbound'
                and calls.answer_seconds is not null
                and ordered.rang_at <= ordered.answered_at
                then cast({{ seconds_between('ordered.rang_at', 'ordered.answered_at') }} as {{ dbt.type_bigint() }})
        end as ring_seconds
    from ordered
    inner join calls on ordered.call_id = calls.call_id

)

select * from final
