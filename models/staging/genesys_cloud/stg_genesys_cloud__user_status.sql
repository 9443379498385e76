-- One row per user and query of the user's presences and routing statuses: the current version.
{{ current_records('genesys_cloud', 'user_status') }}
