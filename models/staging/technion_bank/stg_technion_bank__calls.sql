-- One row per call that entered the voice menu: the current version, withdrawn records left out.
with

source as (

    {{ current_records('technion_bank', 'calls') }}

),

typed as (

    select
        vru_line,
        call_id,
        customer_id,
        priority,
        type,
        date,
        vru_entry,
        vru_exit,
        vru_time,
        q_start,
        q_exit,
        q_time,
        outcome,
        ser_start,
        ser_exit,
        ser_time,
        server
    from source

)

select * from typed
