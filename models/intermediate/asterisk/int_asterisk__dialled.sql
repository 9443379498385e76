-- The number that a caller dialled: the first DID of the call.
with

lines as (

    select * from {{ ref('int_asterisk__lines') }}
    where
        event = 'DID'
        and data1 is not null

),

final as (

    select
        callid,
        min_by(data1, {{ record(['logged_at', 'line_number']) }}) as dialled_address
    from lines
    group by callid

)

select * from final
