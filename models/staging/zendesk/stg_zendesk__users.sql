-- One row per user: the current version, withdrawn records left out.
{{ current_records('zendesk', 'users') }}
