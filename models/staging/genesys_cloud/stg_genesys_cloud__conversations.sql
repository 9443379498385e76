-- One row per conversation of Genesys Cloud: the current version.
{{ current_records('genesys_cloud', 'conversations') }}
