{% macro is_sales_role(role) %}
    {%- set roles = var('sales_roles') -%}
    {%- if roles is string or roles is mapping or roles is not iterable or roles | reject('string') | list -%}
        {{ exceptions.raise_compiler_error(
            'sales_roles must be a list of roles, such as [sales], or [] for all; it is ' ~ roles
        ) }}
    {%- endif -%}
    {%- if not roles -%}
        {{- return('1') -}}
    {%- endif -%}
    {%- set literals = [] -%}
    {%- for name in roles -%}
        {%- do literals.append(dbt.string_literal(dbt.escape_single_quotes(name))) -%}
    {%- endfor -%}
    {{- return('case when ' ~ role ~ ' in (' ~ literals | join(', ') ~ ') then 1 else 0 end') -}}
{% endmacro %}
