{% macro is_wrap_up_reason(reason) %}
    {%- set reasons = var('wrap_up_pause_reasons') -%}
    {%- if reasons is string or reasons is mapping or reasons is not iterable or reasons | reject('string') | list -%}
        {{ exceptions.raise_compiler_error(
            'wrap_up_pause_reasons must be a list of reasons, such as [wrap-up], or [] for none; it is ' ~ reasons
        ) }}
    {%- endif -%}
    {%- set literals = ["''"] -%}
    {%- for name in reasons -%}
        {%- do literals.append(dbt.string_literal(dbt.escape_single_quotes(name | lower))) -%}
    {%- endfor -%}
    {{- return('lower(' ~ reason ~ ') in (' ~ literals | join(', ') ~ ')') -}}
{% endmacro %}
