-- One row per contact type: the current version, withdrawn records left out.
with

source as (

    {{ current_records('reference', 'contact_reasons') }}

),

typed as (

    select
        reason_code,
        reason_name,
        category
    from source

)

select * from typed
