{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['login_id'],
    meta={'day': 'logged_in_at', 'unit': 'login_id', 'logs': ['account_number']}
) }}

-- One row per login: the current version, withdrawn records left out.
{% set scope = recompute([landed('crm', 'account_logins', 'login_id')]) %}
with

source as (

    {{ current_records('crm', 'account_logins', in_scope('login_id', scope)) }}

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
