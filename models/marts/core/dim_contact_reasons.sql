-- Contact types: the listed ones, those that appear without being listed, and `unknown`. What self-service calls
-- an intent is one of them.
with

reasons as (

    select * from {{ ref('int_contact_reasons__unioned') }}

),

contact_legs as (

    select * from {{ ref('int_contact_legs__unioned') }}

),

sessions as (

    select * from {{ ref('int_self_service_sessions__unioned') }}

),

cases as (

    select * from {{ ref('int_cases__unioned') }}

),

members as (

    select reason_code
    from reasons
    union distinct
    select reason_code
    from contact_legs
    where reason_code is not null
    union distinct
    select intent as reason_code
    from sessions
    where intent is not null
    union distinct
    select reason_code
    from cases
    where reason_code is not null
    union distinct
    select 'unknown' as reason_code

),

final as (

    select
        members.reason_code,
        reasons.category,
        coalesce(reasons.reason_name, members.reason_code) as reason_name,
        case when reasons.reason_code is null then 0 else 1 end as is_listed
    from members
    left join reasons on members.reason_code = reasons.reason_code

)

select * from final
