-- Schedules, whichever system published them.
{{ union_of_sources('schedules') }}
