-- Contact types: the listed ones, those that appear without being listed, and `unknown`. What self-service calls
-- an intent is one of them.
with

reasons as (

    select * from {{ ref('int_contact_reasons__unioned') }}

),

members as (

    {{ members_of('reason_code', {
        'int_contact_reasons__unioned': 'reason_code',
        'int_contact_legs__unioned': 'reason_code',
        'int_self_service_sessions__unioned': 'intent',
        'int_cases__unioned': 'reason_code',
    }) | indent(4) }}

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
