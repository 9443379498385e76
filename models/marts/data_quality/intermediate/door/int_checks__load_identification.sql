-- Share of each checked load's inbound contacts that nothing identifies, beside the median of the eight loads before it, once there are
-- three. A contact that a later load brought again is judged there. A load with few contacts says nothing.
{% set trailing_loads = 8 %}
{% set minimum_trailing_loads = 3 %}
{% set minimum_contacts = 50 %}
with

loads as (

    {{ landed_loads() }}

),

legs as (

    {{ extract('acd', 'contact_legs') | indent(4) }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by is_checked
            order by load_id desc
        ) as rank_from_latest,
        max(case when is_checked then 1 else 0 end) over () as has_checked_loads
    from loads
    where
        table_name = 'acd.contact_legs'
        and loaded > 0

),

compared as (

    select *
    from ranked
    where
        has_checked_loads = 1
        and (is_checked or rank_from_latest <= {{ trailing_loads }})

),

first_checked as (

    select min(load_id) as load_id
    from compared
    where is_checked

),

brought_again as (

    select
        legs.contact_id,
        max(legs._load_id) as last_load_id
    from legs
    inner join first_checked on legs._load_id > first_checked.load_id
    where legs._load_id > {{ var('checked_after_load') }}
    group by legs.contact_id

),

contacts as (

    select
        compared.load_id,
        legs.contact_id,
        max(case when coalesce(legs.customer_id, legs.account_number, legs.customer_address) is null then 0 else 1 end) as is_identified
    from legs
    inner join compared on legs._load_id = compared.load_id
    where legs.direction = 'inbound'
    group by compared.load_id, legs.contact_id

),

shares as (

    select
        contacts.load_id,
        count(*) as contacts,
        1 - avg(contacts.is_identified) as unidentified_share
    from contacts
    left join brought_again
        on
            contacts.contact_id = brought_again.contact_id
            and contacts.load_id < brought_again.last_load_id
    where brought_again.contact_id is null
    group by contacts.load_id
    having count(*) >= {{ minimum_contacts }}

),

numbered as (

    select
        compared.load_id,
        compared.path,
        compared.is_checked,
        shares.contacts,
        shares.unidentified_share,
        row_number() over (order by compared.load_id) as load_number
    from shares
    inner join compared on shares.load_id = compared.load_id

),

usual as (

    select
        numbered.load_id,
        median(earlier.unidentified_share) as usual_share
    from numbered
    inner join numbered as earlier
        on
            numbered.load_number - {{ trailing_loads }} <= earlier.load_number
            and numbered.load_number > earlier.load_number
    where numbered.is_checked
    group by numbered.load_id
    having count(*) >= {{ minimum_trailing_loads }}

),

final as (

    select
        'acd.contact_legs' as table_name,
        cast(numbered.load_id as {{ dbt.type_string() }}) as item,
        numbered.path,
        numbered.contacts,
        numbered.unidentified_share,
        cast(usual.usual_share as double) as usual_share
    from numbered
    left join usual on numbered.load_id = usual.load_id
    where numbered.is_checked

)

select * from final
