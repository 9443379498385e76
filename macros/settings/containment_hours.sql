{% macro containment_hours() %}
    {{- return(24) -}}
{% endmacro %}
