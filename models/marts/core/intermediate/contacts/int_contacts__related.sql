{{ config(
    materialized='incremental_by_key',
    unique_key=['own_contact_id'],
    meta={'incremental': {
        'key': ['own_contact_id'],
        'inputs': {
            'int_contact_legs__unioned': [
                {'key': {'own_contact_id': 'contact_id'}},
                {'through': 'int_contacts__related', 'on': {'related_contact_id': 'contact_id'}},
            ],
        },
    }}
) }}

-- The contact that a transfer or callback with an id of its own goes on with: the one that its first such leg names. What was named may
-- not have landed, or may have been withdrawn.
with

linking_legs as (

    select
        contact_id,
        leg_number,
        related_contact_id,
        source
    from {{ ref('int_contact_legs__unioned') }}
    where
        related_contact_id is not null
        and initiation in ('transfer', 'callback')
        and {{ is_affected('contact_id') }}

),

links as (

    select
        contact_id,
        min_by({{ record(['related_contact_id', 'source']) }}, leg_number) as first_link
    from linking_legs
    group by contact_id

),

named as (

    select
        contact_id as own_contact_id,
        (first_link).related_contact_id as related_contact_id,
        (first_link).source as source
    from links

),

landed as (

    select distinct contact_id
    from {{ ref('int_contact_legs__unioned') }}
    where contact_id in (select named.related_contact_id from named)

),

final as (

    select
        named.own_contact_id,
        named.related_contact_id,
        named.source,
        case when landed.contact_id is null then 0 else 1 end as is_landed
    from named
    left join landed on named.related_contact_id = landed.contact_id
    where named.own_contact_id != named.related_contact_id

)

select * from final
