{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_id', 'leg_number'],
    meta={'incremental': {
        'key': ['contact_id'],
        'inputs': inputs_of_contact_legs(),
    }}
) }}

-- Which visit a leg belongs to, in contacts with a ring: where nobody is rung in vain, every leg is a visit of its own. A ring goes on with
-- the leg before it if both were enqueued at the same instant; any leg goes on with a ring as long as the visit is not answered (ACC-4).
-- A visit ended as the leg did that was answered, else as the last that is no ring, else as the last.
{% set in_order = 'partition by contact_id order by leg_number' %}
{% set in_visit = 'partition by contact_id, visit_number' %}
with

rung as (

    select distinct all_legs.contact_id
    from (
        {{ contact_legs() | indent(8) }}
    ) as all_legs
    where {{ is_ring('all_legs') }}

),

contact_legs as (

    {{ legs_of_inbound_contacts() | indent(4) }}

),

queued as (

    select
        contact_legs.contact_id,
        contact_legs.leg_number,
        contact_legs.enqueued_at,
        {{ dimension_key('contact_legs.queue_id') }} as queue_id,
        case when {{ is_ring('contact_legs') }} then 1 else 0 end as is_ring,
        case when contact_legs.answered_at is null then 0 else 1 end as is_answered
    from contact_legs
    where
        {{ is_of_queue_visit('contact_legs') }}
        and contact_legs.contact_id in (select rung.contact_id from rung)

),

compared as (

    select
        *,
        case when queue_id = lag(queue_id) over ({{ in_order }}) then 1 else 0 end as is_in_same_queue,
        case when enqueued_at = lag(enqueued_at) over ({{ in_order }}) then is_ring else 0 end as is_rung_at_once,
        coalesce(lag(is_ring) over ({{ in_order }}), 0) as follows_ring
    from queued

),

-- Legs that are together whether or not the visit is answered.
grouped as (

    select
        *,
        sum(1 - is_in_same_queue * is_rung_at_once) over ({{ in_order }} rows between unbounded preceding and current row) as group_number
    from compared

),

answered as (

    select
        *,
        max(is_answered) over (partition by contact_id, group_number) as is_group_answered
    from grouped

),

begun as (

    select
        *,
        case
            when is_in_same_queue * is_rung_at_once = 1 then 0
            when is_in_same_queue * follows_ring = 1 and lag(is_group_answered) over ({{ in_order }}) = 0 then 0
            else 1
        end as is_first_of_visit
    from answered

),

numbered as (

    select
        *,
        sum(is_first_of_visit) over ({{ in_order }} rows between unbounded preceding and current row) as visit_number
    from begun

),

final as (

    select
        contact_id,
        leg_number,
        cast(visit_number as {{ dbt.type_bigint() }}) as visit_number,
        case
            when
                row_number() over (
                    {{ in_visit }}
                    order by is_answered desc, is_answered * leg_number asc, is_ring asc, leg_number desc
                ) = 1
                then 1
            else 0
        end as is_deciding,
        first_value(enqueued_at) over ({{ in_visit }} order by leg_number) as visit_enqueued_at
    from numbered

)

select * from final
