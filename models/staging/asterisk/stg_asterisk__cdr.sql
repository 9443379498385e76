-- One row per call record: the same record twice is one.
{{ current_records('asterisk', 'cdr') }}
