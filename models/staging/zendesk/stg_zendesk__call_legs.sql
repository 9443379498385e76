-- One row per party of a call of Zendesk Talk: the current version, withdrawn records left out.
{{ current_records('zendesk', 'call_legs') }}
