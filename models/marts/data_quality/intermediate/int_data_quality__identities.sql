-- Contacts and self-service sessions of which nobody knows whose they are, by the extract that they came in.
with

contacts as (

    select * from {{ ref('fct_contacts') }}

),

sessions as (

    select * from {{ ref('fct_self_service_sessions') }}

),

final as (

    select
        source,
        case source when 'technion_bank' then 'calls' else 'contact_legs' end as table_name,
        count(*) - count(customer_key) as unidentified,
        max(greatest(started_at, ended_at)) as newest_event
    from contacts
    group by source
    union all
    select
        'acd' as source,
        'ivr_sessions' as table_name,
        count(*) - count(customer_key) as unidentified,
        max(greatest(entered_at, exited_at)) as newest_event
    from sessions
    having count(*) > 0

)

select * from final
