-- One row per scheduled activity and publication of it: the current version, withdrawn records left out.
{{ current_records('wfm', 'schedules') }}
