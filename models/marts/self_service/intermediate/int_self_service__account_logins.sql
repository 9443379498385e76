{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['contact_id'],
    meta={'unit': 'account_number', 'logs': ['contact_id']}
) }}

-- The logins around a contact: whether the account had one before the contact began, and the next one after its end, as long as that
-- counts. Contacts and logins of an account lie in one order of time, so nothing joins itself; a login in the second of the end lies
-- before it, not after. What lies further off is left out, so that a login changes only the contacts of the last days.
{% set login_days = positive_days('self_service_login_days') %}
{% set scope = recompute(
    [
        changed('int_self_service__contact_accounts', 'account_number'),
        changed_in_union('int_account_logins__unioned', 'account_number'),
    ],
    small_inputs=["(select count(login_id) > 0 from " ~ tracked('int_account_logins__unioned') ~ ")"]
) %}
{% set in_time = 'partition by account_number order by happened_at, is_contact' %}
with

contacts as (

    select * from {{ ref('int_self_service__contact_accounts') }}

),

logins as (

    select * from {{ ref('int_account_logins__unioned') }}

),

events as (

    select
        account_number,
        logged_in_at as happened_at,
        0 as is_contact,
        cast(null as {{ dbt.type_string() }}) as contact_id,
        cast(null as {{ dbt.type_timestamp() }}) as started_at,
        logged_in_at
    from logins
    where {{ in_scope('account_number', scope) }}
    union all
    select
        account_number,
        ended_at as happened_at,
        1 as is_contact,
        contact_id,
        started_at,
        cast(null as {{ dbt.type_timestamp() }}) as logged_in_at
    from contacts
    where {{ in_scope('account_number', scope) }}

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
        contact_id,
        account_number,
        case when account_first_login_at < started_at then 1 else 0 end as had_login_before,
        -- A contact that has not ended has no place in the order.
        case when next_login_at <= {{ dbt.dateadd('day', login_days, 'happened_at') }} then next_login_at end as first_login_at
    from ordered
    where
        is_contact = 1
        -- Where no login of anybody is known, that nobody logged in would be no finding.
        and exists (select 1 from logins)

)

select * from final
