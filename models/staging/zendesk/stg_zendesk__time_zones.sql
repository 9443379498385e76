-- One row per time zone of schedules, with its offset in winter: the current version, withdrawn records left out.
{{ current_records('zendesk', 'time_zones') }}
