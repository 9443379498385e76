-- Contacts that go on with another one which is not there, and those whose chain runs in a circle, by the extract that they came in.
with

sources as (

    select distinct source
    from {{ ref('int_contacts__from_legs') }}

),

related as (

    select * from {{ ref('int_contacts__related') }}

),

put_together as (

    select * from {{ ref('int_contacts__put_together') }}

),

final as (

    select
        sources.source,
        {{ extract_of_record('sources.source', 'contact_legs') }} as table_name,
        count(case when related.is_landed = 0 then 1 end) as related_missing,
        count(case when related.is_landed = 1 and put_together.own_contact_id is null then 1 end) as related_in_circle
    from sources
    left join related on sources.source = related.source
    left join put_together on related.own_contact_id = put_together.own_contact_id
    group by sources.source

)

select * from final
