{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_id', 'leg_number'],
    meta={'incremental': {'key': ['contact_id']}}
) }}

-- The legs of a conversation in order of time: each agent's, with the wait that the agent answered, and each wait that nobody answered. One
-- that reached nobody and nothing is a leg itself. The last leg of a conversation that has not ended is open.
with

agents as (

    select * from {{ ref('int_genesys_cloud__stints') }}
    where {{ is_affected('contact_id') }}

),

answers as (

    select * from {{ ref('int_genesys_cloud__answers') }}
    where {{ is_affected('contact_id') }}

),

queue_waits as (

    select * from {{ ref('int_genesys_cloud__queue_waits') }}
    where {{ is_affected('contact_id') }}

),

customers as (

    select * from {{ ref('int_genesys_cloud__parties') }}
    where {{ is_affected('contact_id') }}

),

end_reasons as (

    select * from {{ ref('int_genesys_cloud__unanswered') }}
    where {{ is_affected('contact_id') }}

),

unserved as (

    select * from {{ ref('int_genesys_cloud__unserved') }}
    where {{ is_affected('contact_id') }}

),

legs as (

    select
        agents.contact_id,
        agents.participant_number as part_number,
        agents.queue_id,
        agents.agent_id,
        agents.reason_code,
        agents.is_callback,
        case when agents.is_handled = 0 and agents.alerted_at is not null then 1 else 0 end as is_ring,
        coalesce(answers.enqueued_at, agents.first_at) as started_at,
        answers.enqueued_at,
        case when agents.is_handled = 1 then agents.answered_at end as answered_at,
        agents.ended_at,
        cast(round({{ seconds_between('agents.alerted_at', 'coalesce(agents.answered_at, agents.ended_at)') }}) as {{ dbt.type_bigint() }})
            as ring_seconds,
        case when agents.is_handled = 1 then cast(round(agents.talk_ms / 1e3) as {{ dbt.type_bigint() }}) end as talk_seconds,
        case when agents.is_handled = 1 then cast(round(agents.held_ms / 1e3) as {{ dbt.type_bigint() }}) end as hold_seconds,
        case when agents.is_handled = 1 then agents.hold_count end as hold_count,
        case when agents.is_handled = 1 then cast(round(agents.acw_ms / 1e3) as {{ dbt.type_bigint() }}) end as acw_seconds,
        case
            when agents.is_handled = 0 and agents.alerted_at is null then 'failed'
            when agents.is_handled = 0 then 'ring_no_answer'
            when agents.is_transferred = 1 then 'transferred'
            else 'completed'
        end as end_reason
    from agents
    left join answers on agents.contact_id = answers.contact_id and agents.participant_number = answers.participant_number
    union all
    select
        queue_waits.contact_id,
        queue_waits.acd_number as part_number,
        queue_waits.queue_id,
        cast(null as {{ dbt.type_string() }}) as agent_id,
        cast(null as {{ dbt.type_string() }}) as reason_code,
        queue_waits.is_callback,
        0 as is_ring,
        queue_waits.started_at,
        queue_waits.started_at as enqueued_at,
        cast(null as timestamp) as answered_at,
        queue_waits.ended_at,
        cast(null as {{ dbt.type_bigint() }}) as ring_seconds,
        cast(null as {{ dbt.type_bigint() }}) as talk_seconds,
        cast(null as {{ dbt.type_bigint() }}) as hold_seconds,
        cast(null as {{ dbt.type_bigint() }}) as hold_count,
        cast(null as {{ dbt.type_bigint() }}) as acw_seconds,
        end_reasons.end_reason
    from end_reasons
    inner join queue_waits on end_reasons.contact_id = queue_waits.contact_id and end_reasons.acd_number = queue_waits.acd_number
    union all
    select
        contact_id,
        0 as part_number,
        cast(null as {{ dbt.type_string() }}) as queue_id,
        cast(null as {{ dbt.type_string() }}) as agent_id,
        cast(null as {{ dbt.type_string() }}) as reason_code,
        0 as is_callback,
        0 as is_ring,
        started_at,
        cast(null as timestamp) as enqueued_at,
        cast(null as timestamp) as answered_at,
        ended_at,
        cast(null as {{ dbt.type_bigint() }}) as ring_seconds,
        cast(null as {{ dbt.type_bigint() }}) as talk_seconds,
        cast(null as {{ dbt.type_bigint() }}) as hold_seconds,
        cast(null as {{ dbt.type_bigint() }}) as hold_count,
        cast(null as {{ dbt.type_bigint() }}) as acw_seconds,
        end_reason
    from unserved

),

ordered as (

    select
        legs.*,
        min(legs.enqueued_at) over (partition by legs.contact_id) as first_enqueued_at,
        row_number() over (
            partition by legs.contact_id
            order by legs.started_at asc, legs.is_ring desc, coalesce(legs.answered_at, legs.started_at) asc, legs.part_number asc
        ) as leg_number,
        row_number() over (
            partition by legs.contact_id
            order by legs.is_ring asc, legs.started_at desc, coalesce(legs.answered_at, legs.started_at) desc, legs.part_number desc
        ) as leg_from_last
    from legs

),

final as (

    select
        ordered.contact_id,
        {{ known_as('genesys_cloud', 'queue_id', 'ordered.queue_id') | indent(8) }} as queue_id,
        {{ known_as('genesys_cloud', 'agent_id', 'ordered.agent_id') | indent(8) }} as agent_id,
        ordered.reason_code,
        ordered.enqueued_at,
        ordered.answered_at,
        ordered.ring_seconds,
        ordered.talk_seconds,
        ordered.hold_seconds,
        ordered.hold_count,
        ordered.acw_seconds,
        cast(ordered.leg_number as {{ dbt.type_bigint() }}) as leg_number,
        customers.channel,
        customers.direction,
        customers.client_id,
        customers.customer_id,
        customers.account_number,
        customers.customer_address,
        customers.dialled_address,
        case when ordered.leg_number = 1 then least(ordered.started_at, customers.conversation_start) else ordered.started_at end
            as started_at,
        case when customers.conversation_end is not null or ordered.leg_from_last > 1 then ordered.ended_at end as ended_at,
        case when customers.conversation_end is not null or ordered.leg_from_last > 1 then ordered.end_reason end as end_reason,
        case when ordered.answered_at is not null then customers.resolution_code end as resolution_code,
        case
            when ordered.is_callback = 1 then 'callback'
            when customers.direction = 'internal' then 'agent'
            when ordered.leg_number > 1 and (ordered.enqueued_at is null or ordered.enqueued_at > ordered.first_enqueued_at) then 'transfer'
            when customers.is_of_campaign = 1 then 'campaign'
            when customers.direction = 'inbound' then 'customer'
            else 'agent'
        end as initiation,
        coalesce(customers.conversation_end, ordered.ended_at, ordered.answered_at, ordered.started_at) as updated_at
    from ordered
    inner join customers on ordered.contact_id = customers.contact_id

)

select * from final
