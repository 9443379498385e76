-- One row per rating of a ticket that was offered or given: the current version, withdrawn records left out.
{{ current_records('zendesk', 'satisfaction_ratings') }}
