-- Contacts and self-service sessions of which nobody knows whose they are, by the extract that they came in. A vendor's may be in one.
with

contacts as (

    select * from {{ ref('fct_contacts') }}

),

sessions as (

    select * from {{ ref('int_identity__sessions') }}

),

counted as (

    select
        source,
        {{ extract_of_record('source', 'contact_legs') }} as table_name,
        count(*) - count(customer_number) as unidentified,
        max(greatest(started_at, ended_at)) as newest_event
    from contacts
    group by source
    union all
    select
        source,
        {{ extract_of_record('source', 'self_service_sessions', extract_name='ivr_sessions') }} as table_name,
        count(*) - count(customer_number) as unidentified,
        max(greatest(entered_at, exited_at)) as newest_event
    from sessions
    group by source

),

final as (

    select
        source,
        table_name,
        cast(sum(unidentified) as {{ dbt.type_bigint() }}) as unidentified,
        max(newest_event) as newest_event
    from counted
    group by source, table_name

)

select * from final
