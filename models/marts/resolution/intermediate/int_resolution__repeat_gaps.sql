-- The gap of each repeat in whole hours, rounded up: hour h is gaps in (h-1, h], and a gap of 0 belongs to hour 1 (RES-6).
{% set longest_hours = 168 %}
with

contacts as (

    select * from {{ ref('fct_contact_resolution') }}

),

final as (

    select
        contact_id,
        channel,
        cast(greatest(ceil(seconds_since_previous / 3600), 1) as {{ dbt.type_bigint() }}) as gap_hours
    from contacts
    where
        is_evidence = 1
        and {{ is_within('seconds_since_previous', longest_hours) }} = 1

)

select * from final
