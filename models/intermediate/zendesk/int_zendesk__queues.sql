-- A group is a queue. It promises nothing: thresholds are what reference.queues says of it (ZEN-8).
with

groups as (

    select
        group_name,
        {{ known_as('zendesk', 'queue_id', 'group_id') }} as queue_id
    from {{ ref('stg_zendesk__groups') }}

),

final as (

    select
        queue_id,
        max(group_name) as queue_name
    from groups
    group by queue_id

)

select * from final
