-- One row per client: the current version, withdrawn records left out.
{{ current_records('reference', 'clients') }}
