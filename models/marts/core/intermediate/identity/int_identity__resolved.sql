{{ config(
    materialized='incremental_by_key',
    unique_key=['subject', 'subject_id'],
    meta={'incremental': {
        'key': ['subject_id'], 'records': ['customer_key'],
        'inputs': {
            'int_contacts__from_legs': {'key': {'subject_id': 'contact_id'}},
            'int_self_service_sessions__unioned': {'key': {'subject_id': 'session_id'}},
            'int_identity__customers': {'through': 'int_identity__resolved', 'on': ['customer_key']},
            'int_identity__accounts': {'through': 'int_identity__resolved', 'on': ['account_number']},
            'int_identity__addresses': {'through': 'int_identity__resolved', 'on': ['address']},
        },
    }}
) }}

-- Who it was: the recorded customer, else the account's, else the only one known with that address, else the address itself.
-- A voice address with fewer than six digits (withheld, a short code) and an address that too many share identify nobody.
-- depends_on: {{ ref('int_identity__pseudonym_key') }}
with

subjects as (

    select * from {{ ref('int_identity__subjects') }}
    where {{ is_affected('subject_id') }}

),

accounts as (

    select * from {{ ref('int_identity__accounts') }}

),

customers as (

    select
        customer_id,
        customer_key
    from {{ ref('int_identity__customers') }}

),

addresses as (

    select * from {{ ref('int_identity__addresses') }}

),

addressed as (

    select
        *,
        case
            when customer_id is not null then null
            when channel = 'voice' and not {{ matches('customer_address', '([0-9][^0-9]*){6}') }} then null
            else {{ normalized_address('customer_address') }}
        end as address
    from subjects

),

methods as (

    select
        addressed.subject,
        addressed.subject_id,
        addressed.customer_id,
        addressed.account_number,
        addressed.address,
        accounts.customer_id as account_customer_id,
        addresses.first_customer_id as address_customer_id,
        case
            when addressed.customer_id is not null then 'customer_id'
            when accounts.customer_id is not null then 'account'
            when addressed.address is null or addresses.customers > {{ var('shared_address_max_customers') }} then 'none'
            when addresses.customers = 1 then 'address_match'
            else 'address'
        end as identity_method
    from addressed
    left join accounts on addressed.account_number = accounts.account_number
    left join addresses on addressed.address = addresses.address

),

matched as (

    select
        subject,
        subject_id,
        account_number,
        address,
        identity_method,
        case identity_method
            when 'customer_id' then customer_id
            when 'account' then account_customer_id
            when 'address_match' then address_customer_id
        end as known_customer_id
    from methods

),

-- The customers table has the pseudonyms of all known customers.
identified as (

    select
        matched.subject,
        matched.subject_id,
        matched.account_number,
        matched.address,
        matched.identity_method,
        customers.customer_key as known_customer_key,
        case
            when customers.customer_key is not null then null
            when matched.known_customer_id is not null then 'customer ' || matched.known_customer_id
            when matched.identity_method = 'address' then 'address ' || matched.address
        end as identified_as
    from matched
    left join customers on matched.known_customer_id = customers.customer_id

),

-- A customer contacts more than once, and a pseudonym takes longer than all else here: each is made once.
keys as (

    select
        identified_as,
        {{ pseudonym('identified_as') }} as customer_key
    from (
        select distinct identified_as
        from identified
        where identified_as is not null
    ) as identities

),

keyed as (

    select
        identified.subject,
        identified.subject_id,
        identified.account_number,
        identified.address,
        identified.identity_method,
        coalesce(identified.known_customer_key, keys.customer_key) as customer_key
    from identified
    left join keys on identified.identified_as = keys.identified_as

),

final as (

    select
        *,
        {{ customer_number('customer_key') }} as customer_number
    from keyed

)

select * from final
