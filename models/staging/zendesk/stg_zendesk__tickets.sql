-- One row per ticket: the current version, withdrawn records left out.
{{ current_records('zendesk', 'tickets') }}
