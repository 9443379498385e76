{% macro lookalikes(source_name, table_name) %}
    {%- set declaration = extract_declaration(source_name, table_name) if execute else {'columns': {}} -%}
    {%- set rows = extract(source_name, table_name) -%}
    {%- set own_ids = names_of_ids() -%}
    {%- set columns = [] -%}
    {%- for name, column in declaration.columns.items() if column.data_type == 'text' -%}
        {%- set of = column.config.meta -%}
        {#- What landing holds against a list or a pattern can't look otherwise than those. -#}
        {%- if not of.personal and not of.not_personal and not of.get('values') and not of.get('pattern') and not of.get('format') -%}
            {%- do columns.append({'name': name, 'is_id': name in own_ids}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if columns %}
    select
        '{{ source_name }}.{{ table_name }}' as table_name,
        _load_id as load_id,
        case
            {%- for column in columns %}
            when grouping(looked_at_{{ loop.index }}) = 0 then '{{ column.name }}'
            {%- endfor %}
        end as column_name,
        case
            {%- for column in columns %}
            when grouping(looked_at_{{ loop.index }}) = 0 then {{ 1 if column.is_id else 0 }}
            {%- endfor %}
        end as is_id,
        case
            {%- for column in columns %}
            when grouping(looked_at_{{ loop.index }}) = 0 then looked_at_{{ loop.index }}
            {%- endfor %}
        end as landed_value,
        count(*) as row_count
    from (
        select
            _load_id
            {%- for column in columns %},
            {{ 'case when _line <= ' ~ looked_at_ids() ~ ' then ' ~ column.name ~ ' end' if column.is_id else column.name }} as looked_at_{{ loop.index }}
            {%- endfor %}
        from ({{ rows }}) as versions
        where _load_id > {{ var('checked_after_load') }}
    ) as looked_at
    group by grouping sets (
        {%- for column in columns %}
        (_load_id, looked_at_{{ loop.index }}){{ ',' if not loop.last }}
        {%- endfor %}
    )
    union all
    {%- endif %}
{% endmacro %}


{% macro looked_at_ids() %}
    {{- return(5000) -}}
{% endmacro %}


{% macro looks_like_email(text) -%}
    {{ matches(text, '[^ @:]+@[^ @]+[.][a-zA-Z][a-zA-Z]+') }}
{%- endmacro %}


{#- Nine to fifteen digits, with what stands between them in a phone number; a date or a decimal number is none. -#}
{% macro looks_like_phone(text) -%}
    (
        {{ matches(text, '^(tel:|sip:)?[+]?[(]?[0-9][0-9 ()./-]*[0-9]$') }}
        and length({{ digits_of(text) }}) between 9 and 15
        and not {{ matches(text, '^[0-9]+[.][0-9]+$') }}
        and not {{ matches(text, '^[0-9]{4}[./-][0-9]{2}[./-][0-9]{2}') }}
    )
{%- endmacro %}


{#- What no id looks like: a plus, or groups of digits. -#}
{% macro is_surely_a_phone(text) -%}
    ({{ looks_like_phone(text) }} and {{ matches(text, '^(tel:|sip:|[+]|[(])|[ ()]') }})
{%- endmacro %}


{#- 13 to 19 digits whose check digit is right (Luhn). -#}
{% macro looks_like_card(text) -%}
    {%- set digits = 'reverse(' ~ digits_of(text) ~ ')' -%}
    (
        {{ matches(text, '^[2-6][0-9 -]*[0-9]$') }}
        and length({{ digits }}) between 13 and 19
        and mod(
            {%- for place in range(1, 20) %}
            {%- set digit = 'coalesce(cast(nullif(substr(' ~ digits ~ ', ' ~ place ~ ", 1), '') as integer), 0)" %}
            {%- if place % 2 %}
            {{ digit }}
            {%- else %}
            case when {{ digit }} > 4 then 2 * {{ digit }} - 9 else 2 * {{ digit }} end
            {%- endif %}{{ ' +' if not loop.last }}
            {%- endfor %},
            10
        ) = 0
    )
{%- endmacro %}


{#- First and last character, and length. -#}
{% macro mask(text) -%}
    left({{ text }}, 1) || '…' || right({{ text }}, 1) || ' (' || cast(length({{ text }}) as {{ dbt.type_string() }}) || ' characters)'
{%- endmacro %}
