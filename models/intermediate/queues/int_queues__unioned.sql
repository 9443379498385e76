{{ config(meta={'is_lookup': true}) }}

-- Queues, whichever system lists them.
{{ union_without_twins('queues', ['queue_id']) }}
