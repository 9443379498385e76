-- The newest event of each extract, how far it is behind the newest contact, and how far that one is ahead of its landing.
with

loads as (

    {{ landed_loads() }}

),

newest as (
    {% for source_name, table_name in enabled_extracts() %}
    {{ newest_event(source_name, table_name) | indent(4) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

contacts as (

    select max(case when table_name = 'acd.contact_legs' then newest_event end) as newest_event
    from newest

),

landings as (

    select max_by(landed_at, load_id) as landed_at
    from loads
    where table_name = 'acd.contact_legs'

),

final as (

    select
        newest.table_name,
        newest.event_column as item,
        newest.newest_event,
        cast({{ seconds_between('newest.newest_event', 'contacts.newest_event') }} / 86400 as double) as days_behind,
        case
            when newest.table_name = 'acd.contact_legs'
                then cast({{ seconds_between('landings.landed_at', 'newest.newest_event') }} / 3600 as double)
        end as hours_ahead
    from newest
    cross join contacts
    cross join landings
    where
        newest.newest_event is not null
        and contacts.newest_event is not null

)

select * from final
