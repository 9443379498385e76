{% macro json_text(text, path) %}
    {{- return(adapter.dispatch('json_text', 'contact_centre_warehouse')(text, path)) -}}
{% endmacro %}

{% macro duckdb__json_text(text, path) -%}
    nullif(json_extract_string(case when json_valid({{ text }}) then {{ text }} end, '{{ path | replace("'", "''") }}'), '')
{%- endmacro %}

{% macro spark__json_text(text, path) -%}
    nullif(get_json_object({{ text }}, '{{ path | replace("'", "\\'") }}'), '')
{%- endmacro %}


{% macro json_member(text, name) %}
    {{- return(adapter.dispatch('json_member', 'contact_centre_warehouse')(text, name)) -}}
{% endmacro %}

{% macro duckdb__json_member(text, name) -%}
    nullif(json_extract_string({{ text }}, '$."{{ name | replace("'", "''") }}"'), '')
{%- endmacro %}

{% macro spark__json_member(text, name) -%}
    nullif(get_json_object({{ text }}, '$[\'{{ name | replace("'", "\\'") }}\']'), '')
{%- endmacro %}


{% macro rows_of_json(relation, kept, text) %}
    {{- return(adapter.dispatch('rows_of_json', 'contact_centre_warehouse')(relation, kept, text)) -}}
{% endmacro %}

{% macro duckdb__rows_of_json(relation, kept, text) -%}
    select
        {{ kept | join(', ') }},
        unnest(range(1, len(elements) + 1)) as element_number,
        unnest(elements) as element
    from (
        select
            {{ kept | join(', ') }},
            case when {{ text }} like '[%' then cast(json_extract({{ text }}, '$[*]') as varchar[]) end as elements
        from {{ relation }}
    ) as taken_apart
{%- endmacro %}

{% macro spark__rows_of_json(relation, kept, text) -%}
    select
        {{ kept | join(', ') }},
        cast(position + 1 as bigint) as element_number,
        element
    from {{ relation }}
    lateral view posexplode(from_json({{ text }}, 'array<string>')) as position, element
{%- endmacro %}


{% macro instant_of_text(text) %}
    {{- return(adapter.dispatch('instant_of_text', 'contact_centre_warehouse')(text)) -}}
{% endmacro %}

{% macro duckdb__instant_of_text(text) -%}
    make_timestamp(epoch_us(try_cast({{ text }} as timestamptz)))
{%- endmacro %}

{% macro spark__instant_of_text(text) -%}
    try_cast({{ text }} as timestamp)
{%- endmacro %}
