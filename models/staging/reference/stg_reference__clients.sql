-- One row per client: the current version, withdrawn records left out.
with

source as (

    {{ current_records('reference', 'clients') }}

),

typed as (

    select
        client_id,
        client_name,
        industry
    from source

)

select * from typed
