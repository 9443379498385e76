{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_key'],
    meta={'incremental': {
        'key': ['contact_key'], 'records': ['account_number'],
        'inputs': {
            'int_identity__customers': {'through': 'fct_contacts', 'on': ['customer_number']},
        },
    }}
) }}

-- Whose account a handled inbound contact was about: the account number that was recorded last, else the account of its customer. Beside it
-- stands from when on an agent could help.
with

contacts as (

    select * from {{ ref('fct_contacts') }}
    where {{ is_affected('contact_key') }}

),

recorded as (

    select * from {{ ref('int_contacts__from_legs') }}

),

customers as (

    select * from {{ ref('int_identity__customers') }}

),

joined as (

    select
        contacts.contact_key,
        recorded.first_handled_at,
        contacts.ended_at,
        coalesce(recorded.account_number, customers.account_number) as account_number
    from contacts
    inner join recorded on contacts.contact_key = recorded.contact_key
    left join customers on contacts.customer_number = customers.customer_number
    where
        contacts.direction = 'inbound'
        and contacts.is_handled = 1

),

final as (

    select
        contact_key,
        account_number,
        first_handled_at,
        ended_at
    from joined
    where account_number is not null

)

select * from final
