-- What agents are kept busy with, next to how often self-service is asked for the same and serves it.
with

contacts as (

    select * from {{ ref('fct_contacts') }}

),

sessions as (

    select * from {{ ref('fct_self_service_sessions') }}

),

handled as (

    select
        reason_code,
        count(*) as contacts_handled,
        sum(coalesce(talk_seconds, 0) + coalesce(hold_seconds, 0) + coalesce(acw_seconds, 0)) as handle_seconds
    from contacts
    where
        direction = 'inbound'
        and is_handled = 1
    group by reason_code

),

served as (

    select
        reason_code,
        count(*) as self_service_sessions,
        sum(is_self_served) as self_served
    from sessions
    group by reason_code

),

final as (

    select
        handled.reason_code,
        handled.contacts_handled,
        cast(handled.handle_seconds as {{ dbt.type_bigint() }}) as handle_seconds,
        coalesce(served.self_service_sessions, 0) as self_service_sessions,
        cast(coalesce(served.self_served, 0) as {{ dbt.type_bigint() }}) as self_served
    from handled
    left join served on handled.reason_code = served.reason_code

)

select * from final
