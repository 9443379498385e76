-- One row per holiday of a schedule: the current version, withdrawn records left out.
{{ current_records('zendesk', 'schedule_holidays') }}
