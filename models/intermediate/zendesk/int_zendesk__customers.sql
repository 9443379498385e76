{{ config(
    materialized='incremental_by_key',
    unique_key=['customer_id'],
    meta={'incremental': {'records': ['customer_id']}}
) }}

-- Users who are no agents are customers.
select
    user_id as customer_id,
    phone,
    email,
    created_at,
    coalesce(updated_at, synced_at, created_at) as updated_at
from {{ ref('stg_zendesk__users') }}
where lower(role) = 'end-user'
