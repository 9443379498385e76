{% macro extract(source_name, table_name) %}
    {#- Nothing declared is known while dbt parses: `graph` is there from compilation on. -#}
    {%- set columns = extract_columns(source_name, table_name) if execute else [] -%}
    {%- if not is_enabled(source_name) -%}
        select
            {%- for column in columns %}
            cast(null as {{ column.type }}) as {{ column.name }},
            {%- endfor %}
            cast(null as boolean) as is_deleted,
            cast(null as {{ dbt.type_bigint() }}) as _load_id,
            cast(null as {{ dbt.type_bigint() }}) as _line
        where 1 = 0
    {%- elif var('extracts') == 'seeds' and source_name in demo_sources() -%}
        select
            {%- for column in columns %}
            {{ column.name }},
            {%- endfor %}
            is_deleted,
            cast(0 as {{ dbt.type_bigint() }}) as _load_id,
            row_number() over (order by {{ columns | map(attribute='name') | join(', ') }}) as _line
        from {{ ref(table_name) }}
    {%- elif var('extracts') == 'landed' -%}
        {%- set declaration = extract_declaration(source_name, table_name) if execute else none -%}
        select
            {%- for column in columns %}
            {{ id_from_staging_on(source_name, declaration, column) }},
            {%- endfor %}
            is_deleted,
            _load_id,
            _line
        from {{ source(source_name, table_name) }}
    {%- elif var('extracts') == 'seeds' -%}
        {{ exceptions.raise_compiler_error(
            'The demo has no extracts of ' ~ source_name ~ ': land some with `ccw land` and build with the var `extracts: landed`, or leave '
            ~ source_name ~ '_enabled false'
        ) }}
    {%- else -%}
        {{ exceptions.raise_compiler_error("The var extracts must be 'seeds' or 'landed'; it is '" ~ var('extracts') ~ "'") }}
    {%- endif -%}
{% endmacro %}
