-- One row per queue: the current version, withdrawn records left out.
{{ current_records('reference', 'queues') }}
