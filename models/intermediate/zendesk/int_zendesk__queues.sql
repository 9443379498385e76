-- A group is a queue. It promises nothing: thresholds are what reference.queues says of it (ZEN-8).
with

queues as (

    select
        listed.group_name,
        {{ known_as('zendesk', 'queue_id', 'listed.group_id') }} as queue_id
    from {{ ref('stg_zendesk__groups') }} as listed

),

final as (

    select
        queue_id,
        max(group_name) as queue_name
    from queues
    group by queue_id

)

select * from final
