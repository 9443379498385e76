{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_key'],
    meta={'incremental': {'key': ['account_number'], 'records': ['contact_key']}}
) }}

-- The logins around the first answer of an agent to a contact: whether the account had one up to then, and the next one after it, if that
-- counts by the contact's end. Answers and logins of an account lie in one order of time, so nothing joins itself; a login in the second of
-- the answer lies before it. What lies further off is left out, so that a login changes only the contacts of the last days.
{% set login_days = positive_days('self_service_login_days') %}
{% set in_time = 'partition by account_number order by happened_at, is_contact' %}
with

contacts as (

    select * from {{ ref('int_self_service__contact_accounts') }}

),

logins as (

    select * from {{ ref('int_account_logins__unioned') }}

),

known as (

    select * from {{ ref('int_self_service__logins_known') }}

),

events as (

    select
        account_number,
        logged_in_at as happened_at,
        0 as is_contact,
        cast(null as {{ dbt.type_bigint() }}) as contact_key,
        cast(null as {{ dbt.type_timestamp() }}) as ended_at,
        logged_in_at
    from logins
    where {{ is_affected('account_number') }}
    union all
    select
        account_number,
        first_handled_at as happened_at,
        1 as is_contact,
        contact_key,
        ended_at,
        cast(null as {{ dbt.type_timestamp() }}) as logged_in_at
    from contacts
    where {{ is_affected('account_number') }}

),

ordered as (

    select
        *,
        {{ next_not_null('logged_in_at', in_time) }} as next_login_at,
        min(logged_in_at) over (partition by account_number) as account_first_login_at
    from events

),

final as (

    select
        contact_key,
        account_number,
        case when account_first_login_at <= happened_at then 1 else 0 end as had_login_before,
        happened_at as first_handled_at,
        case when next_login_at <= {{ dbt.dateadd('day', login_days, 'ended_at') }} then next_login_at end as first_login_at
    from ordered
    where
        is_contact = 1
        -- Where no login of anybody is known, that nobody logged in would be no finding.
        and exists (
            select 1
            from known
            where known.has_logins = 1
        )

)

select * from final
