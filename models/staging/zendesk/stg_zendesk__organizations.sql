-- One row per organization that customers belong to: the current version, withdrawn records left out.
{{ current_records('zendesk', 'organizations') }}
