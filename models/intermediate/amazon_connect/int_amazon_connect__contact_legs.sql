{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_id', 'leg_number'],
    meta={'incremental': {'key': ['contact_id']}}
) }}

-- The legs of a contact in order of time: its records, and the rings that agents missed, which waited as the record did. Talk is the time
-- with the agent less hold. A leg that was scheduled begins then.
with

records as (

    select * from {{ ref('int_amazon_connect__records') }}
    where {{ is_affected('contact_id') }}

),

natures as (

    select * from {{ ref('int_amazon_connect__natures') }}
    where {{ is_affected('contact_id') }}

),

end_reasons as (

    select * from {{ ref('int_amazon_connect__end_reasons') }}
    where {{ is_affected('contact_id') }}

),

rings as (

    select * from {{ ref('int_amazon_connect__rings') }}
    where {{ is_affected('contact_id') }}

),

known as (

    select
        records.*,
        natures.channel,
        natures.direction,
        natures.initiation,
        end_reasons.end_reason,
        case
            when records.scheduled_at > records.initiated_at
                then least(
                    records.scheduled_at,
                    coalesce(records.enqueued_at, records.answered_at, records.ended_at, records.scheduled_at)
                )
            else records.initiated_at
        end as started_at
    from records
    inner join natures on records.contact_id = natures.contact_id and records.own_contact_id = natures.own_contact_id
    inner join end_reasons on records.contact_id = end_reasons.contact_id and records.own_contact_id = end_reasons.own_contact_id

),

legs as (

    select
        own_contact_id,
        contact_id,
        related_contact_id,
        client_id,
        channel,
        direction,
        initiation,
        queue_id,
        agent_id,
        customer_id,
        customer_address,
        dialled_address,
        account_number,
        reason_code,
        started_at,
        enqueued_at,
        answered_at,
        ended_at,
        cast(null as {{ dbt.type_bigint() }}) as ring_seconds,
        case
            when agent_interaction_seconds is not null
                then greatest(agent_interaction_seconds - coalesce(customer_hold_seconds, 0), 0)
        end as talk_seconds,
        customer_hold_seconds as hold_seconds,
        hold_count,
        acw_seconds,
        end_reason,
        resolution_code,
        updated_at,
        0 as is_ring
    from known
    union all
    select
        known.own_contact_id,
        known.contact_id,
        known.related_contact_id,
        known.client_id,
        known.channel,
        known.direction,
        known.initiation,
        coalesce(known.queue_id, rings.queue_id) as queue_id,
        rings.agent_id,
        known.customer_id,
        known.customer_address,
        known.dialled_address,
        known.account_number,
        cast(null as {{ dbt.type_string() }}) as reason_code,
        coalesce(known.enqueued_at, rings.began_at, rings.ended_at) as started_at,
        known.enqueued_at,
        cast(null as timestamp) as answered_at,
        greatest(rings.ended_at, known.enqueued_at) as ended_at,
        cast(round({{ seconds_between('rings.began_at', 'rings.ended_at') }}) as {{ dbt.type_bigint() }}) as ring_seconds,
        cast(null as {{ dbt.type_bigint() }}) as talk_seconds,
        cast(null as {{ dbt.type_bigint() }}) as hold_seconds,
        cast(null as {{ dbt.type_bigint() }}) as hold_count,
        cast(null as {{ dbt.type_bigint() }}) as acw_seconds,
        'ring_no_answer' as end_reason,
        cast(null as {{ dbt.type_string() }}) as resolution_code,
        greatest(known.updated_at, rings.ended_at) as updated_at,
        1 as is_ring
    from rings
    inner join known on rings.contact_id = known.contact_id and rings.own_contact_id = known.own_contact_id

),

final as (

    select
        contact_id,
        related_contact_id,
        client_id,
        channel,
        direction,
        initiation,
        queue_id,
        agent_id,
        customer_id,
        customer_address,
        dialled_address,
        account_number,
        reason_code,
        started_at,
        enqueued_at,
        answered_at,
        ended_at,
        ring_seconds,
        talk_seconds,
        hold_seconds,
        hold_count,
        acw_seconds,
        end_reason,
        resolution_code,
        updated_at,
        cast(
            row_number() over (partition by contact_id order by started_at, own_contact_id, is_ring, ended_at, agent_id)
            as {{ dbt.type_bigint() }}
        ) as leg_number
    from legs

)

select * from final
