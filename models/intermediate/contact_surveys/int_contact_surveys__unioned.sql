-- Surveys of contacts, whoever sent them.
{{ union_of_sources('contact_surveys') }}
