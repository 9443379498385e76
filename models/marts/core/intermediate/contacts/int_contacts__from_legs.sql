{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_key'],
    meta={'incremental': {
        'key': ['contact_id'], 'records': ['contact_key'],
        'inputs': inputs_of_contact_legs(),
    }}
) }}

-- A contact is all its legs. Its first leg says how it came, its last handled leg (else its last) who had it; the last is the last that
-- is no ring, if there is one. A leg that ended nobody knows when counts as ended at its latest known instant (CON-10).
-- Here it gets its integer key; what is between this table and the published facts has the key alone (KEY-1).
with

contact_legs as (

    {{ contact_legs() | indent(4) }}

),

ranked as (

    select
        contact_legs.*,
        case when contact_legs.agent_id is not null and contact_legs.answered_at is not null then 1 else 0 end as is_handled_leg,
        case when {{ is_ring('contact_legs') }} then 0 else 1 end * 1000000000000 + contact_legs.leg_number as last_rank,
        case
            when contact_legs.ended_at is not null then contact_legs.ended_at
            when contact_legs.end_reason is not null
                then greatest(contact_legs.started_at, contact_legs.enqueued_at, contact_legs.answered_at)
        end as latest_end
    from contact_legs

),

credited as (

    select
        *,
        -- Handled legs outrank all others; within each kind the later leg wins, a ring only where there is nothing else.
        is_handled_leg * 10000000000000 + last_rank as credit_rank
    from ranked

),

-- Of a leg as a whole, since engines differ in whether min_by and max_by skip a value that is null.
aggregated as (

    select
        contact_id,
        min_by({{ record(['source', 'channel', 'direction', 'client_id']) }}, leg_number) as first_leg,
        max_by({{ record(['queue_id', 'agent_id']) }}, credit_rank) as credited_leg,
        max_by({{ record(['end_reason', 'ended_at']) }}, last_rank) as last_leg,
        max_by(reason_code, leg_number) filter (where reason_code is not null) as reason_code,
        max_by(resolution_code, leg_number) filter (where resolution_code is not null) as resolution_code,
        max_by(customer_id, leg_number) filter (where customer_id is not null) as customer_id,
        max_by(account_number, leg_number) filter (where account_number is not null) as account_number,
        min(started_at) as started_at,
        min(enqueued_at) as first_enqueued_at,
        min_by(enqueued_at, leg_number) filter (where enqueued_at is not null) as first_queue_leg_at,
        min(answered_at) as first_answered_at,
        min(case when is_handled_leg = 1 then answered_at end) as first_handled_at,
        case when count(*) = count(latest_end) then greatest(max(latest_end), min(started_at)) end as ended_at,
        sum(talk_seconds) as talk_seconds,
        sum(hold_seconds) as hold_seconds,
        sum(acw_seconds) as acw_seconds,
        count(*) as legs,
        sum(case when end_reason = 'transferred' then 1 else 0 end) as transfers,
        max(is_handled_leg) as is_handled
    from credited
    group by contact_id

),

final as (

    select
        contact_id,
        {{ integer_key('contact_id') }} as contact_key,
        (first_leg).source as source,
        (first_leg).channel as channel,
        (first_leg).direction as direction,
        (first_leg).client_id as first_client_id,
        (credited_leg).queue_id as queue_id,
        (credited_leg).agent_id as agent_id,
        reason_code,
        resolution_code,
        customer_id,
        account_number,
        started_at,
        first_enqueued_at,
        first_queue_leg_at,
        first_answered_at,
        first_handled_at,
        ended_at,
        cast(talk_seconds as {{ dbt.type_bigint() }}) as talk_seconds,
        cast(hold_seconds as {{ dbt.type_bigint() }}) as hold_seconds,
        cast(acw_seconds as {{ dbt.type_bigint() }}) as acw_seconds,
        cast(legs as {{ dbt.type_bigint() }}) as legs,
        cast(transfers as {{ dbt.type_bigint() }}) as transfers,
        is_handled,
        case
            when first_enqueued_at is not null and is_handled = 0 and (last_leg).end_reason = 'abandoned' then 1
            else 0
        end as is_abandoned,
        case when (last_leg).ended_at is null then 0 else 1 end as is_end_known
    from aggregated

)

select * from final
