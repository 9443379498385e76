{{ config(meta={'is_lookup': true}) }}

-- Queues, whichever system lists them.
{{ union_of_sources('queues') }}
