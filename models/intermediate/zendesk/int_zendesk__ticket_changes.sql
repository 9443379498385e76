-- What changed in an update of a ticket: its comment, if it has one, and each field (ZEN-11).
with

updates as (

    select * from {{ ref('stg_zendesk__ticket_events') }}

),

taken_apart as (

    {{ rows_of_json('updates', ['ticket_id', 'event_id', 'updater_id', 'occurred_at'], 'child_events') | indent(4) }}

),

final as (

    select
        ticket_id,
        event_id,
        updater_id,
        occurred_at,
        cast(element_number as {{ dbt.type_bigint() }}) as change_number,
        element as change_record,
        lower(coalesce({{ json_text('element', '$.event_type') }}, {{ json_text('element', '$.type') }})) as change_type
    from taken_apart

)

select * from final
