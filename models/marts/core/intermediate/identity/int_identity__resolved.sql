{{ config(
    materialized='incremental_by_key',
    unique_key=['subject', 'subject_key'],
    meta={'incremental': {
        'key': ['subject_key'], 'records': ['customer_key', 'customer_number'],
        'inputs': {
            'int_contacts__from_legs': {'key': {'subject_key': 'contact_key'}},
            'int_self_service_sessions__unioned': {'macro': 'keys_of_sessions'},
            'int_identity__customers': {'through': 'int_identity__resolved', 'on': ['customer_number']},
            'int_identity__accounts': {'through': 'int_identity__subjects', 'on': ['account_number']},
            'int_identity__addresses': {'macro': 'keys_of_addressed'},
        },
    }}
) }}

-- Who it was: the recorded customer, else the account's, else the only one known with that address, else the address itself.
-- An address that too many share identifies nobody.
-- depends_on: {{ ref('int_identity__pseudonym_key') }}
with

subjects as (

    select * from {{ ref('int_identity__subjects') }}
    where {{ is_affected('subject_key') }}

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

methods as (

    select
        subjects.subject,
        subjects.subject_key,
        subjects.customer_id,
        subjects.address,
        subjects.address_key,
        subjects.spelling_key,
        accounts.customer_id as account_customer_id,
        addresses.first_customer_id as address_customer_id,
        case
            when subjects.customer_id is not null then 'customer_id'
            when accounts.customer_id is not null then 'account'
            when subjects.address is null or addresses.customers > {{ var('shared_address_max_customers') }} then 'none'
            when addresses.customers = 1 then 'address_match'
            else 'address'
        end as identity_method
    from subjects
    left join accounts on subjects.account_number = accounts.account_number
    left join addresses on subjects.address = addresses.address

),

matched as (

    select
        subject,
        subject_key,
        address,
        address_key,
        spelling_key,
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
        matched.subject_key,
        matched.address_key,
        matched.spelling_key,
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
        identified.subject_key,
        identified.address_key,
        identified.spelling_key,
        identified.identity_method,
        coalesce(identified.known_customer_key, keys.customer_key) as customer_key
    from identified
    left join keys on identified.identified_as = keys.identified_as

),

final as (

    select
        subject,
        subject_key,
        identity_method,
        -- What an address has to be followed by where it decides, or might.
        case when identity_method not in ('customer_id', 'account') then address_key end as address_key,
        case when identity_method in ('address_match', 'address') then spelling_key end as spelling_key,
        customer_key,
        {{ customer_number('customer_key') }} as customer_number
    from keyed

)

select * from final
