{% macro demo_sources() %}
    {{- return(['acd', 'survey', 'crm', 'wfm', 'qa', 'finance', 'reference']) -}}
{% endmacro %}
