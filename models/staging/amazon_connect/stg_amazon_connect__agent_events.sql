-- One row per event of an agent: a snapshot of the status and the contacts, before and after: the current version.
{{ current_records('amazon_connect', 'agent_events') }}
