{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['contact_id'],
    meta={'unit': 'customer_key', 'logs': ['date_day']}
) }}

-- What came back after a head, a first contact, by days. A head opens 7 days; each further evidence contact in them counts for the head,
-- on the day that it came. No two heads of a customer and channel are open at once, since the later one would be a repeat.
{% set window_hours = 168 %}
{% set by_customer = 'partition by customer_key, client_id, channel order by started_at, contact_id' %}
{% set scope = recompute([changed('fct_contact_resolution', 'customer_key')]) %}
with

contacts as (

    select * from {{ ref('fct_contact_resolution') }}

),

judged as (

    select
        *,
        is_eligible * (1 - {{ is_within('seconds_since_previous', window_hours) }}) as is_head
    from contacts
    where
        is_identified = 1
        and {{ in_scope('customer_key', scope) }}

),

followed as (

    select
        is_evidence,
        started_at,
        {{ previous_not_null('case when is_head = 1 then contact_id end', by_customer) }} as head_contact_id
    from judged

),

heads as (

    select *
    from judged
    where is_head = 1

),

gaps as (

    select
        followed.head_contact_id,
        {{ gap_seconds('heads.ended_at', 'followed.started_at') }} as gap_seconds
    from followed
    inner join heads on followed.head_contact_id = heads.contact_id
    where followed.is_evidence = 1

),

repeats as (

    select
        head_contact_id,
        greatest(ceil(gap_seconds / 86400), 1) as days_after
    from gaps
    where gap_seconds is not null

),

final as (

    select
        heads.contact_id,
        heads.customer_key,
        heads.channel,
        heads.queue_id,
        heads.reason_code,
        {% for day in range(1, 8) %}
        count(case when repeats.days_after = {{ day }} then 1 end) as contacts_n_{{ day }},
        {% endfor %}
        heads.date_day
    from heads
    left join repeats on heads.contact_id = repeats.head_contact_id
    group by heads.contact_id, heads.customer_key, heads.channel, heads.queue_id, heads.reason_code, heads.date_day

)

select * from final
