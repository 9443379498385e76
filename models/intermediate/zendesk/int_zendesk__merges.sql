-- A merged ticket goes into the ticket that it was merged into, and on into the one that this was merged into (ZEN-5).
{% set steps = range(5) %}
with

tickets as (

    select * from {{ ref('stg_zendesk__tickets') }}

),

comments as (

    select * from {{ ref('int_zendesk__all_comments') }}

),

named as (

    select
        ticket_id,
        merged_ticket_ids
    from tickets
    union all
    select
        ticket_id,
        coalesce(
            {{ json_text('comment_via', '$.source.from.ticket_id') }},
            {{ json_text('comment_via', '$.source.from.ticket_ids') }}
        ) as merged_ticket_ids
    from comments
    where {{ json_text('comment_via', '$.source.rel') }} = 'merge'

),

listed as (

    {{ rows_of_words(
        'named', ['ticket_id'], "replace(replace(replace(replace(merged_ticket_ids, '[', ' '), ']', ' '), ',', ' '), '\"', ' ')"
    ) | indent(4) }}

),

merged as (

    select
        {{ of_instance_of('listed.ticket_id', 'listed.part', 'zendesk') }} as ticket_id,
        max(listed.ticket_id) as into_ticket_id
    from listed
    inner join tickets on listed.ticket_id = tickets.ticket_id
    where listed.part != ''
    group by 1

),

{% for step in steps -%}
merged_{{ step }} as (

    select
        nearer.ticket_id,
        coalesce(further.into_ticket_id, nearer.into_ticket_id) as into_ticket_id
    from merged{{ '_' ~ (step - 1) if step }} as nearer
    left join merged{{ '_' ~ (step - 1) if step }} as further on nearer.into_ticket_id = further.ticket_id

),

{% endfor -%}

-- A ticket that would go into one of its own circle stands alone.
final as (

    select
        ends.ticket_id,
        ends.into_ticket_id
    from merged_{{ steps | last }} as ends
    left join merged on ends.into_ticket_id = merged.ticket_id
    where merged.ticket_id is null

)

select * from final
