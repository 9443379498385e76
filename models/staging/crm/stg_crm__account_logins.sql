{{ config(
    materialized='incremental_by_key',
    unique_key=['login_id'],
    meta={'incremental': {'key': ['login_id'], 'records': ['account_number']}}
) }}

-- One row per login: the current version, withdrawn records left out.
{{ current_records('crm', 'account_logins', is_affected('login_id')) }}
