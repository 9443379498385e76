-- One row per response to a CSAT survey: the current version, withdrawn records left out.
{{ current_records('zendesk', 'survey_responses') }}
