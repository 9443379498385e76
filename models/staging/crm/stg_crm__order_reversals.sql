-- One row per reversal of an order: the current version, withdrawn records left out.
with

source as (

    {{ current_records('crm', 'order_reversals') }}

),

typed as (

    select
        reversal_id,
        order_id,
        reversal_type,
        reversed_at,
        amount,
        updated_at
    from source

)

select * from typed
