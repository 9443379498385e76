{{ config(
    materialized='incremental_by_key',
    unique_key=['chain_id'],
    meta={'incremental': {'key': ['customer_number']}}
) }}

-- One issue that took several contacts: a handled contact and what followed, as long as each next evidence contact of the customer
-- and channel started within the largest window of the one before it.
{% set longest_window_hours = fcr_windows() | last %}
{% set by_customer = 'partition by customer_number, client_id, channel order by started_at, contact_id' %}
with

contacts as (

    select * from {{ ref('fct_contact_resolution') }}
    where {{ is_affected('customer_number') }}

),

evidence as (

    select
        *,
        lag(ended_at) over ({{ by_customer }}) as one_before_ended_at,
        lead(started_at) over ({{ by_customer }}) as one_after_started_at
    from contacts
    where
        is_evidence = 1
        and is_identified = 1

),

gaps as (

    select
        *,
        {{ is_within(gap_seconds('one_before_ended_at', 'started_at'), longest_window_hours) }} as follows_one_before,
        {{ is_within(gap_seconds('ended_at', 'one_after_started_at'), longest_window_hours) }} as is_followed
    from evidence

),

runs as (

    select
        *,
        sum(1 - follows_one_before) over ({{ by_customer }} rows between unbounded preceding and current row) as run_number
    from gaps
    -- Most contacts stand alone.
    where follows_one_before = 1 or is_followed = 1

),

from_first_handled as (

    select
        *,
        max(is_handled) over (
            partition by customer_number, client_id, channel, run_number
            order by started_at, contact_id
            rows between unbounded preceding and current row
        ) as is_in_chain
    from runs

),

chains as (

    select
        customer_number,
        client_id,
        channel,
        run_number,
        min(customer_key) as customer_key,
        count(*) as contacts,
        count(distinct agent_id) filter (where is_handled = 1) as agents,
        min_by(contact_id, chain_position) as first_contact_id,
        max_by(contact_id, chain_position) as last_contact_id,
        min_by(agent_id, chain_position) as first_agent_id,
        min(started_at) as started_at,
        case when count(*) = count(ended_at) then max(ended_at) end as ended_at
    from (
        select
            *,
            row_number() over ({{ by_customer }}) as chain_position
        from from_first_handled
        where is_in_chain = 1
    ) as members
    group by customer_number, client_id, channel, run_number

),

final as (

    select
        first_contact_id as chain_id,
        customer_key,
        customer_number,
        client_id,
        channel,
        first_contact_id,
        last_contact_id,
        first_agent_id,
        contacts,
        cast(1 as {{ dbt.type_bigint() }}) as channels,
        agents,
        started_at,
        ended_at
    from chains
    where contacts > 1

)

select * from final
