-- What became of everything that came: current, replaced by a later version, withdrawn or rejected; and what of it hangs in the air.
with

extracts as (

    select * from {{ ref('int_data_quality__extracts') }}

),

identities as (

    select * from {{ ref('int_data_quality__identities') }}

),

related as (

    select * from {{ ref('int_data_quality__related') }}

),

conflicts as (

    select * from {{ ref('int_data_quality__conflicts') }}

),

rejected_rows as (

    select * from {{ ref('int_data_quality__rejected') }}

),

final as (

    select
        extracts.source,
        extracts.table_name as {{ adapter.quote('table') }},
        extracts.landed,
        rejected_rows.rejected,
        extracts.landed - extracts.records - extracts.without_length as duplicates_replaced,
        extracts.without_length,
        conflicts.conflicts,
        conflicts.conflict_example,
        extracts.records - extracts.current_records as withdrawn,
        extracts.current_records,
        identities.unidentified,
        extracts.unknown_references,
        related.related_missing,
        related.related_in_circle,
        extracts.clocks_disagree,
        coalesce(extracts.newest_event, identities.newest_event) as newest_event
    from extracts
    left join identities
        on
            extracts.source = identities.source
            and extracts.table_name = identities.table_name
    left join related
        on
            extracts.source = related.source
            and extracts.table_name = related.table_name
    inner join conflicts
        on
            extracts.source = conflicts.source
            and extracts.table_name = conflicts.table_name
    left join rejected_rows
        on
            extracts.source = rejected_rows.source
            and extracts.table_name = rejected_rows.table_name

)

select * from final
