-- One row per time zone and year with summer time: the current version, withdrawn records left out.
{{ current_records('zendesk', 'daylight_times') }}
