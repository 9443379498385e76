{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_key'],
    meta={'incremental': {'key': ['contact_id'], 'records': ['contact_key']}}
) }}

-- A contact is all legs with one contact_id. Its first leg says how it came, its last handled leg (else its last) who had it.
-- Here it gets its integer key; what is between this table and the published facts has the key alone (KEY-1).
with

contact_legs as (

    select * from {{ ref('int_contact_legs__unioned') }}
    where {{ is_affected('contact_id') }}

),

ranked as (

    select
        *,
        case when agent_id is not null and answered_at is not null then 1 else 0 end as is_handled_leg
    from contact_legs

),

credited as (

    select
        *,
        -- Handled legs outrank all others; within each kind the later leg wins.
        is_handled_leg * 1000000000000 + leg_number as credit_rank
    from ranked

),

-- Of a leg as a whole, since engines differ in whether min_by and max_by skip a value that is null.
aggregated as (

    select
        contact_id,
        min_by({{ record(['source', 'channel', 'direction', 'client_id']) }}, leg_number) as first_leg,
        max_by({{ record(['queue_id', 'agent_id']) }}, credit_rank) as credited_leg,
        max_by({{ record(['end_reason']) }}, leg_number) as last_leg,
        max_by(reason_code, leg_number) filter (where reason_code is not null) as reason_code,
        max_by(resolution_code, leg_number) filter (where resolution_code is not null) as resolution_code,
        max_by(customer_id, leg_number) filter (where customer_id is not null) as customer_id,
        max_by(account_number, leg_number) filter (where account_number is not null) as account_number,
        max_by(customer_address, leg_number) filter (where customer_address is not null) as customer_address,
        min(started_at) as started_at,
        min(enqueued_at) as first_enqueued_at,
        min(answered_at) as first_answered_at,
        min(case when is_handled_leg = 1 then answered_at end) as first_handled_at,
        case when count(*) = count(ended_at) then max(ended_at) end as ended_at,
        sum(coalesce(talk_seconds, 0)) as talk_seconds,
        sum(coalesce(hold_seconds, 0)) as hold_seconds,
        sum(coalesce(acw_seconds, 0)) as acw_seconds,
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
        customer_address,
        started_at,
        first_enqueued_at,
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
        end as is_abandoned
    from aggregated

)

select * from final
