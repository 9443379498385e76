-- One row per call of Zendesk Talk: the current version, withdrawn records left out.
{{ current_records('zendesk', 'calls') }}
