-- One row per ticket and schedule that it was given: the current version, withdrawn records left out.
{{ current_records('zendesk', 'ticket_schedules') }}
