-- Who talks with whom: a call between two phones of the centre is internal, one from a phone is outbound, and any other inbound. The
-- customer is who calls or is called from outside, the agent whose phone took part.
with

calls as (

    select * from {{ ref('int_asterisk__calls') }}

),

directed as (

    select
        *,
        case
            when calling_phone is null then 'inbound'
            when called_phone is not null or {{ is_extension('called_number') }} then 'internal'
            else 'outbound'
        end as direction
    from calls

),

parties as (

    select
        *,
        case when direction = 'outbound' then calling_phone else called_phone end as agent_phone,
        case when direction = 'outbound' then called_number else calling_number end as customer_address,
        case
            when direction = 'inbound'
                then coalesce(
                    dialled_in_number,
                    case when {{ matches('called_number', '^[+]?[0-9]{7,}$') }} then called_number end
                )
        end as dialled_address
    from directed

),

final as (

    select
        contact_id,
        direction,
        {{ known_as('asterisk', 'agent_id', 'instance || agent_phone', otherwise='agent_phone') | indent(8) }} as agent_id,
        customer_address,
        dialled_address,
        is_answered,
        is_voicemail,
        is_busy,
        is_failed,
        is_passed_on,
        duration_seconds,
        talk_seconds,
        line_number,
        started_at,
        answered_at,
        ended_at
    from parties

)

select * from final
