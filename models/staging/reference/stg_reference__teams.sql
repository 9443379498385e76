-- One row per team: the current version, withdrawn records left out.
{{ current_records('reference', 'teams') }}
