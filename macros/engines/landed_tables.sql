{% macro register_landed_tables() %}
    {%- if execute and var('extracts') == 'landed' -%}
        {{- adapter.dispatch('register_landed_tables', 'contact_centre_warehouse')() -}}
    {%- endif -%}
{% endmacro %}

{#- Landing keeps the raw tables, or views of its files, in the database itself. -#}
{% macro duckdb__register_landed_tables() %}{% endmacro %}

{% macro spark__register_landed_tables() %}
    {%- set folder = env_var('CCW_LANDED', '') -%}
    {%- if not folder.startswith('/') and '://' not in folder -%}
        {{ exceptions.raise_compiler_error(
            "CCW_LANDED must be the folder that `ccw land --to parquet` filled, as an absolute path or URL; it is '" ~ folder ~ "'"
        ) }}
    {%- endif -%}
    {%- do run_query('create schema if not exists raw') -%}
    {%- do run_query('create schema if not exists ops') -%}
    {%- for declared in graph.sources.values() if is_enabled(declared.source_name) -%}
        {%- set columns = extract_columns(declared.source_name, declared.name) -%}
        {%- set table = 'raw.' ~ declared.identifier -%}
        {%- do run_query('drop table if exists ' ~ table) -%}
        {%- set definition -%}
            create table {{ table }} (
                {%- for column in columns %}
                {{ adapter.quote(column.name) }} {{ column.type }},
                {%- endfor %}
                is_deleted boolean,
                _load_id bigint,
                _line bigint,
                _instance string
            )
            using parquet
            options (recursiveFileLookup 'true')
            location '{{ folder }}/{{ declared.identifier }}'
        {%- endset -%}
        {%- do run_query(definition) -%}
    {%- endfor -%}
    {%- do run_query('drop table if exists ops.landed_files') -%}
    {%- do run_query("create table ops.landed_files using parquet location '" ~ folder ~ "/landed_files'") -%}
{% endmacro %}
