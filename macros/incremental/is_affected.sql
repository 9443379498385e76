{% macro is_affected() %}
    {{- return(adapter.dispatch('is_affected')(varargs)) -}}
{% endmacro %}

{% macro default__is_affected(expressions) -%}
    1 = 1
{%- endmacro %}

{% macro duckdb__is_affected(expressions) -%}
    {%- if not execute or model.resource_type != 'model' or model.config.materialized != 'incremental_by_key' -%}
    1 = 1
    {%- else -%}
    {%- do check_incremental(expressions) -%}
    {{ affected_begins() }} {{ matches_affected_keys(expressions) }} {{ affected_ends() }}
    {%- endif -%}
{%- endmacro %}


{% macro matches_affected_keys(expressions) -%}
    {%- set key = incremental_key() -%}
    ({{ expressions | join(', ') }}) in (
        select
            {%- for name in key %}
            affected_keys.{{ adapter.quote(name) }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ working_table('affected_keys') }} as affected_keys
    )
{%- endmacro %}


{% macro affected_begins() -%} /* affected keys: */ {%- endmacro %}


{% macro affected_ends() -%} /* :affected keys */ {%- endmacro %}


{% macro compiled_code_of_all_rows(code) %}
    {{- return(modules.re.sub('(?s)/\\* affected keys: \\*/.*?/\\* :affected keys \\*/', '1 = 1', code)) -}}
{% endmacro %}


{% macro incremental_key() %}
    {{- return(config.get('meta').incremental.key or []) -}}
{% endmacro %}


{% macro recorded_columns(node) %}
    {%- set declared = node.config.meta.incremental -%}
    {{- return(((declared.key or []) + (declared.records or [])) | unique | list) -}}
{% endmacro %}


{% macro recorded_columns_of_no_row(code) -%}
    select
        cast(null as bigint) as run
        {%- for name in recorded_columns(model) %},
        {{ adapter.quote(name) }}
        {%- endfor %}
    from ({{ code }}) as rows
    where 1 = 0
{%- endmacro %}


{% macro working_table(name) %}
    {{- return(name ~ '__' ~ model.name) -}}
{% endmacro %}
