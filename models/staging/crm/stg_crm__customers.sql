-- One row per customer: the current version, withdrawn records left out.
with

source as (

    {{ current_records('crm', 'customers') }}

),

typed as (

    select
        customer_id,
        account_number,
        client_id,
        segment,
        phone,
        email,
        created_at,
        updated_at
    from source

)

select * from typed
