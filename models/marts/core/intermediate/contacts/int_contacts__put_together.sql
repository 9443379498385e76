{{ config(
    materialized='incremental_by_key',
    unique_key=['own_contact_id'],
    meta={'incremental': {'records': ['own_contact_id', 'contact_id']}}
) }}

-- A contact that goes on with another one belongs to the contact that the chain begins with. In each pass every contact looks from where
-- it looked before to what is seen from there: 1, 2, 4 … 1024 contacts further. What has not arrived by then runs in a circle (CON-9).
{% set passes = 10 %}
with

related as (

    select
        own_contact_id,
        related_contact_id
    from {{ ref('int_contacts__related') }}
    where is_landed = 1

),

-- Each contact stands at the one that it looks at, to ask, and at itself, to answer.
stands as (

    {{ literal_rows([{'is_asking': 1}, {'is_asking': 0}]) | indent(4) }}

),

pass_0 as (

    select
        own_contact_id,
        related_contact_id as seen_contact_id
    from related

),

{% for number in range(1, passes + 1) %}
pass_{{ number }} as (

    select
        own_contact_id,
        coalesce(seen_from_there, seen_contact_id) as seen_contact_id
    from (
        select
            looking.own_contact_id,
            looking.seen_contact_id,
            stands.is_asking,
            max(case when stands.is_asking = 0 then looking.seen_contact_id end) over (
                partition by case when stands.is_asking = 1 then looking.seen_contact_id else looking.own_contact_id end
            ) as seen_from_there
        from pass_{{ number - 1 }} as looking
        cross join stands
    ) as asked
    where is_asking = 1

),

{% endfor %}
final as (

    select
        arrived.own_contact_id,
        arrived.seen_contact_id as contact_id
    from pass_{{ passes }} as arrived
    left join related on arrived.seen_contact_id = related.own_contact_id
    where related.own_contact_id is null

)

select * from final
