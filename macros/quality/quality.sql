{% macro evaluation_sections() %}
    {{- return(['accuracy', 'completeness', 'compliance', 'privacy', 'soft_skills', 'script']) -}}
{% endmacro %}


{% macro critical_error_classes() %}
    {{- return(['customer_critical', 'business_critical', 'compliance_critical']) -}}
{% endmacro %}
