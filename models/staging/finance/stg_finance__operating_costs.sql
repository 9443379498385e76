-- One row per cost booking of a month: the current version, withdrawn records left out.
with

source as (

    {{ current_records('finance', 'operating_costs') }}

),

typed as (

    select
        cost_id,
        month,
        client_id,
        site_id,
        category,
        amount,
        currency,
        updated_at
    from source

)

select * from typed
