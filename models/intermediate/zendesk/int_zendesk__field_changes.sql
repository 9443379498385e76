-- A ticket's fields change as its history says; without one, as its updates do, of which the last counts at an instant (ZEN-11).
{% set fields = ['status', 'group_id', 'satisfaction_score', 'satisfaction_comment'] %}
with

history as (

    select * from {{ ref('stg_zendesk__ticket_field_history') }}

),

changes as (

    select
        *,
        {{ json_text('change_record', '$.field_name') }} as named_field,
        {{ json_text('change_record', '$.value') }} as named_value
    from {{ ref('int_zendesk__ticket_changes') }}
    where
        change_type in ('create', 'change')
        and ticket_id not in (select history.ticket_id from history)

),

-- A change names its field, or has it as a key.
by_field as (

    {% for field in fields -%}
    {{ 'union all' if not loop.first }}
    select
        ticket_id,
        event_id,
        change_number,
        occurred_at as changed_at,
        '{{ field }}' as field_name,
        case when named_field = '{{ field }}' then named_value else {{ json_text('change_record', '$.' ~ field) }} end as changed_to
    from changes
    where
        named_field = '{{ field }}'
        or {{ json_text('change_record', '$.' ~ field) }} is not null
    {% endfor %}

),

ranked as (

    select
        *,
        row_number() over (
            partition by ticket_id, field_name, changed_at order by length(event_id) desc, event_id desc, change_number desc
        ) as rank_from_last
    from by_field

),

final as (

    select
        ticket_id,
        field_name,
        changed_at,
        changed_to
    from history
    union all
    select
        ticket_id,
        field_name,
        changed_at,
        changed_to
    from ranked
    where rank_from_last = 1

)

select * from final
