-- One row per line of the queue log: the same line twice is one.
{{ current_records('asterisk', 'queue_log') }}
