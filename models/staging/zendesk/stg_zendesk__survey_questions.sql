-- One row per question of a version of a CSAT survey: the current version, withdrawn records left out.
{{ current_records('zendesk', 'survey_questions') }}
