-- Only inbound contacts can resolve something or be evidence that something was not resolved. Evidence is a customer who tried
-- again: handled, or abandoned but not so soon that it may have been a slip (RES-3).
with

contacts as (

    select * from {{ ref('fct_contacts') }}

),

final as (

    select
        contact_id,
        contact_key,
        customer_number,
        client_id,
        channel,
        started_at,
        ended_at,
        is_handled,
        nullif(reason_code, 'unknown') as reason_code,
        case when is_handled = 1 or (is_abandoned = 1 and is_short_abandon = 0) then 1 else 0 end as is_evidence
    from contacts
    where direction = 'inbound'

)

select * from final
