-- One row per case: the current version, withdrawn records left out.
with

source as (

    {{ current_records('crm', 'cases') }}

),

typed as (

    select
        case_id,
        customer_id,
        contact_id,
        reason_code,
        opened_at,
        first_response_at,
        closed_at,
        reopened_count,
        status,
        updated_at
    from source

)

select * from typed
