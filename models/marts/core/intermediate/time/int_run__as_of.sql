{{ config(materialized='table') }}

-- "Now" is the newest event in contact_legs, so that a fresher file of another source can't make contacts mature whose
-- follow-ups have not landed yet. The var as_of overrides it.
with

contact_legs as (

    select * from {{ ref('int_contact_legs__unioned') }}

),

newest_event as (

    select max(greatest(started_at, enqueued_at, answered_at, ended_at)) as as_of
    from contact_legs

),

final as (

    select coalesce(cast({{ as_of_setting() }} as timestamp), as_of) as as_of
    from newest_event

)

select * from final
