{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['account_number'],
    meta={'unit': 'account_number', 'logs': ['account_number']}
) }}

-- Of two customers on one account, the one updated last is the account's customer.
{% set scope = recompute([changed('int_identity__customers', 'account_number')]) %}
with

customers as (

    select * from {{ ref('int_identity__customers') }}
    where {{ in_scope('account_number', scope) }}

),

ranked as (

    select
        account_number,
        customer_id,
        row_number() over (partition by account_number order by updated_at desc, customer_id desc) as rank_from_newest
    from customers
    where account_number is not null

),

final as (

    select
        account_number,
        customer_id
    from ranked
    where rank_from_newest = 1

)

select * from final
