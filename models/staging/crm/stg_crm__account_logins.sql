{{ config(
    materialized='incremental_by_key',
    unique_key=['login_id'],
    meta={'incremental': {'key': ['login_id'], 'records': ['account_number']}}
) }}

-- One row per login: the current version, withdrawn records left out.
with

source as (

    {{ current_records('crm', 'account_logins', is_affected('login_id')) }}

),

typed as (

    select
        login_id,
        account_number,
        logged_in_at,
        platform
    from source

)

select * from typed
