-- One row per update of a ticket: the current version, withdrawn records left out.
{{ current_records('zendesk', 'ticket_events') }}
