-- One row per cost booking of a month: the current version, withdrawn records left out.
{{ current_records('finance', 'operating_costs') }}
