-- One row per group of agents: the current version, withdrawn records left out.
{{ current_records('zendesk', 'groups') }}
