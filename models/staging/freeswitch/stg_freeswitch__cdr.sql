-- One row per call: the latest record of its uuid.
{{ current_records('freeswitch', 'cdr') }}
