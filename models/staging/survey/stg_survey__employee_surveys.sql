-- One row per survey that was sent: the current version, withdrawn records left out.
{{ current_records('survey', 'employee_surveys') }}
