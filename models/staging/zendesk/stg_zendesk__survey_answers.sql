-- One row per answer to a question of a CSAT survey: the current version, withdrawn records left out.
{{ current_records('zendesk', 'survey_answers') }}
