-- One row per schedule and interval of the week in which it is open: the current version, withdrawn records left out.
{{ current_records('zendesk', 'schedules') }}
