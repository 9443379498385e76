-- One row per site: the current version, withdrawn records left out.
{{ current_records('reference', 'sites') }}
