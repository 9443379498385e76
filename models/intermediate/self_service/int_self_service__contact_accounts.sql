{{ config(materialized='table') }}

-- Whose account a handled inbound contact was about: the account number that was recorded last, else the account of its customer.
with

contacts as (

    select * from {{ ref('fct_contacts') }}

),

recorded as (

    select * from {{ ref('int_contacts__from_legs') }}

),

customers as (

    select * from {{ ref('stg_crm__customers') }}

),

accounts_of_customers as (

    select
        {{ pseudonym("'customer ' || customer_id") }} as customer_key,
        account_number
    from customers
    where account_number is not null

),

joined as (

    select
        contacts.contact_id,
        contacts.started_at,
        contacts.ended_at,
        coalesce(recorded.account_number, accounts_of_customers.account_number) as account_number
    from contacts
    inner join recorded on contacts.contact_id = recorded.contact_id
    left join accounts_of_customers on contacts.customer_key = accounts_of_customers.customer_key
    where
        contacts.direction = 'inbound'
        and contacts.is_handled = 1

),

final as (

    select
        contact_id,
        account_number,
        started_at,
        ended_at
    from joined
    where account_number is not null

)

select * from final
