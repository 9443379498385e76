-- One row per contact record that Contact Lens analysed after it ended: the current version.
{{ current_records('amazon_connect', 'contact_lens') }}
