{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_id'],
    meta={'incremental': {
        'key': ['contact_id'], 'records': ['account_number'],
        'inputs': {
            'int_identity__customers': {'through': 'fct_contacts', 'on': ['customer_key']},
        },
    }}
) }}

-- Whose account a handled inbound contact was about: the account number that was recorded last, else the account of its customer.
with

contacts as (

    select * from {{ ref('fct_contacts') }}
    where {{ is_affected('contact_id') }}

),

recorded as (

    select * from {{ ref('int_contacts__from_legs') }}

),

customers as (

    select * from {{ ref('int_identity__customers') }}

),

joined as (

    select
        contacts.contact_id,
        contacts.started_at,
        contacts.ended_at,
        coalesce(recorded.account_number, customers.account_number) as account_number
    from contacts
    inner join recorded on contacts.contact_id = recorded.contact_id
    left join customers on contacts.customer_key = customers.customer_key
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
