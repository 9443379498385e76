{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_id', 'leg_number'],
    meta={'incremental': {'records': ['contact_id']}}
) }}

-- A leg is a touch, or a session that nobody answered. It lasts until another agent's touch, the last one until the ticket is solved or,
-- where the agent writes on after that, until then (ZEN-2). A session that a call of Talk began is told by the call (ZEN-13).
{%- set columns = [
    'contact_id', 'leg_number', 'channel', 'direction', 'initiation', 'queue_id', 'agent_id', 'customer_id', 'dialled_address',
    'reason_code', 'started_at', 'enqueued_at', 'answered_at', 'ended_at', 'ring_seconds', 'talk_seconds', 'hold_seconds', 'acw_seconds',
    'end_reason', 'updated_at',
] %}
with

calls as (

    select * from {{ ref('int_zendesk__calls') }}

),

call_legs as (

    select * from {{ ref('int_zendesk__call_legs') }}

),

sessions as (

    select
        sessions.*,
        touches.agent_id,
        touches.first_at,
        touches.last_at,
        touches.next_touch_at,
        coalesce(touches.touch_number, 1) as leg_number,
        coalesce(touches.first_at, sessions.solved_at, cast('9999-12-30' as timestamp)) as in_group_at
    from {{ ref('int_zendesk__sessions') }} as sessions
    left join {{ ref('int_zendesk__touches') }} as touches on sessions.contact_id = touches.contact_id
    where sessions.contact_id not in (select calls.contact_id from calls)

),

tickets as (

    select * from {{ ref('int_zendesk__tickets') }}

),

directions as (

    select * from {{ ref('int_zendesk__directions') }}

),

group_periods as (

    select * from {{ ref('int_zendesk__group_periods') }}

),

directed as (

    select
        sessions.*,
        case
            when sessions.session_number > 1 and directions.direction = 'outbound' then 'inbound'
            else directions.direction
        end as direction
    from sessions
    inner join directions on sessions.ticket_id = directions.ticket_id

),

written as (

    select
        directed.contact_id,
        directed.leg_number,
        tickets.channel,
        directed.direction,
        directed.agent_id,
        tickets.requester_id as customer_id,
        tickets.recipient as dialled_address,
        tickets.reason_code,
        directed.first_at as answered_at,
        tickets.updated_at,
        {{ known_as('zendesk', 'queue_id', 'group_periods.group_id') }} as queue_id,
        case
            when directed.leg_number > 1 then 'transfer'
            when directed.direction = 'outbound' then 'agent'
            else 'customer'
        end as initiation,
        case when directed.leg_number = 1 then directed.started_at else directed.first_at end as started_at,
        case when directed.leg_number = 1 and directed.direction != 'outbound' then directed.started_at end as enqueued_at,
        case
            when directed.next_touch_at is not null then directed.next_touch_at
            when directed.solved_at is not null then greatest(directed.solved_at, coalesce(directed.last_at, directed.solved_at))
        end as ended_at,
        case
            when directed.next_touch_at is not null then 'transferred'
            when directed.has_ended = 1 then 'completed'
        end as end_reason,
        cast(null as {{ dbt.type_bigint() }}) as ring_seconds,
        cast(null as {{ dbt.type_bigint() }}) as talk_seconds,
        cast(null as {{ dbt.type_bigint() }}) as hold_seconds,
        cast(null as {{ dbt.type_bigint() }}) as acw_seconds
    from directed
    inner join tickets on directed.ticket_id = tickets.ticket_id
    left join group_periods
        on
            directed.ticket_id = group_periods.ticket_id
            and directed.in_group_at >= group_periods.valid_from
            and directed.in_group_at < coalesce(group_periods.valid_to, cast('9999-12-31' as timestamp))

),

final as (

    select {{ columns | join(', ') }}
    from written
    union all
    select {{ columns | join(', ') }}
    from call_legs

)

select * from final
