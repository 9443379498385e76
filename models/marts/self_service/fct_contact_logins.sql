{% set login_days = positive_days('self_service_login_days') %}
{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_key'],
    meta={'incremental': {
        'key': ['contact_key'], 'records': ['date_day'],
        'inputs': {
            'int_run__as_of': {'clock': 'as_of', 'through': 'fct_contacts', 'while': ['ended_at', 'ended_at'], 'hours': [login_days * 24]},
        },
    }}
) }}

-- Whether customers went on to help themselves: handled inbound contacts with an account, and the account's logins from the first answer of
-- an agent on: one who helps a customer to log in during the contact has succeeded.
with

contacts as (

    select * from {{ ref('fct_contacts') }}
    where {{ is_affected('contact_key') }}

),

logins as (

    select * from {{ ref('int_self_service__account_logins') }}

),

run as (

    select * from {{ ref('int_run__as_of') }}

),

joined as (

    select
        contacts.*,
        logins.first_handled_at,
        logins.first_login_at,
        logins.had_login_before,
        run.as_of
    from contacts
    inner join logins on contacts.contact_key = logins.contact_key
    cross join run

),

final as (

    select
        contact_id,
        contact_key,
        channel,
        client_id,
        site_id,
        team_id,
        agent_id,
        queue_id,
        reason_code,
        {{ is_mature('ended_at', login_days * 24) }} as is_mature,
        case when first_login_at is null then 0 else 1 end as is_adopted,
        had_login_before,
        date_day,
        started_at,
        first_handled_at,
        ended_at,
        first_login_at
    from joined

)

select * from final
