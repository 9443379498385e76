{{ config(
    materialized='incremental_by_key',
    unique_key=['account_number'],
    meta={'incremental': {'key': ['account_number']}}
) }}

-- Of two customers on one account, the one updated last is the account's customer.
with

customers as (

    select * from {{ ref('int_identity__customers') }}
    where {{ is_affected('account_number') }}

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
