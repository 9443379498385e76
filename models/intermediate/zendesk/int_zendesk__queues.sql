-- A group is a queue. It promises nothing: thresholds are what reference.queues says of it (ZEN-8).
select
    group_id as queue_id,
    group_name as queue_name
from {{ ref('stg_zendesk__groups') }}
