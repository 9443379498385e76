-- One row per comment of a ticket: the current version, withdrawn records left out.
{{ current_records('zendesk', 'ticket_comments') }}
