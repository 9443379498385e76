-- One row per contact record of Amazon Connect's data lake: a leg of a contact: the current version.
{{ current_records('amazon_connect', 'lake_contact_records') }}
