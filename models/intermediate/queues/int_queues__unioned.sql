-- Queues, whichever system lists them.
{{ union_of_sources('queues') }}
