-- One row per contact type: the current version, withdrawn records left out.
{{ current_records('reference', 'contact_reasons') }}
