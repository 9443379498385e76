{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_key'],
    meta={'incremental': {'key': ['customer_number']}}
) }}

-- What came back after a head, a first contact, by days. A head opens 7 days; each further evidence contact in them counts for the head,
-- on the day that it came. No two heads of a customer and channel are open at once, since the later one would be a repeat.
{% set window_hours = 168 %}
{% set by_customer = 'partition by customer_number, client_id, channel order by started_at, contact_id' %}
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
        and {{ is_affected('customer_number') }}

),

followed as (

    select
        is_evidence,
        started_at,
        {{ previous_not_null('case when is_head = 1 then ' ~ record(['contact_key', 'ended_at']) ~ ' end', by_customer) }} as head
    from judged

),

gaps as (

    select
        followed.head.contact_key as head_contact_key,
        {{ gap_seconds('followed.head.ended_at', 'followed.started_at') }} as gap_seconds
    from followed
    where followed.is_evidence = 1

),

repeats as (

    select
        head_contact_key,
        greatest(ceil(gap_seconds / 86400), 1) as days_after
    from gaps
    where {{ is_within('gap_seconds', window_hours) }} = 1

),

counted as (

    select
        {% for day in range(1, 8) %}
        count(case when days_after = {{ day }} then 1 end) as contacts_n_{{ day }},
        {% endfor %}
        head_contact_key
    from repeats
    group by head_contact_key

),

final as (

    select
        judged.contact_key,
        judged.customer_number,
        judged.channel,
        judged.queue_id,
        judged.reason_code,
        {% for day in range(1, 8) %}
        coalesce(counted.contacts_n_{{ day }}, 0) as contacts_n_{{ day }},
        {% endfor %}
        judged.date_day
    from judged
    left join counted on judged.contact_key = counted.head_contact_key
    where judged.is_head = 1

)

select * from final
