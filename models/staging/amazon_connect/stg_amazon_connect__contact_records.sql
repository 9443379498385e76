-- One row per contact record of Amazon Connect: a leg of a contact: the current version.
{{ current_records('amazon_connect', 'contact_records') }}
