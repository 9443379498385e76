-- Surveys of employees, whoever sent them.
{{ union_of_sources('employee_surveys') }}
