-- One row per site: the current version, withdrawn records left out.
with

source as (

    {{ current_records('reference', 'sites') }}

),

typed as (

    select
        site_id,
        site_name,
        timezone
    from source

)

select * from typed
