-- One row per change of a field of a ticket: the current version, withdrawn records left out.
{{ current_records('zendesk', 'ticket_field_history') }}
