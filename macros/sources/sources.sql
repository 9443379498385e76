{#- A hook on-run-start, so that it is done once a run. -#}
{% macro check_sources() %}
    {%- set declared = var('sources') -%}
    {%- for source_table in (graph.sources.values() if execute else []) -%}
        {%- if source_table.name not in line_of(source_table.source_name).extracts -%}
            {{- exceptions.raise_compiler_error(
                source_table.original_file_path ~ ' declares ' ~ source_table.name ~ ', which the line of ' ~ source_table.source_name
                ~ ' in the var sources of dbt_project.yml does not have: add it there to extracts'
            ) -}}
        {%- endif -%}
    {%- endfor -%}
    {%- for source_name, line in (declared.items() if execute else []) -%}
        {%- for table_name in line.extracts -%}
            {%- do extract_declaration(source_name, table_name) -%}
        {%- endfor -%}
        {%- for kind in line.records or [] -%}
            {%- set union = graph.nodes.values() | selectattr('name', 'equalto', 'int_' ~ kind ~ '__unioned') | list -%}
            {%- if not union -%}
                {{- exceptions.raise_compiler_error(
                    'The line of ' ~ source_name ~ ' in the var sources of dbt_project.yml brings ' ~ kind ~ ', which is no kind of record: name one '
                    ~ 'that has a model models/intermediate/<kind>/int_<kind>__unioned.sql'
                ) -}}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return('') -}}
{% endmacro %}


{% macro line_of(source_name) %}
    {%- if source_name not in var('sources') -%}
        {{- exceptions.raise_compiler_error(
            'The source ' ~ source_name ~ ' has no line: add one to the var sources in dbt_project.yml, such as '
            ~ source_name ~ ': {extracts: [<tables of models/staging/' ~ source_name ~ '/_' ~ source_name ~ '__sources.yml>], records: [contact_legs]}'
        ) -}}
    {%- endif -%}
    {{- return(var('sources')[source_name]) -}}
{% endmacro %}


{% macro is_enabled(source_name) %}
    {{- return(var(source_name ~ '_enabled', 'records' not in line_of(source_name))) -}}
{% endmacro %}


{% macro demo_sources() %}
    {{- return(var('sources').items() | rejectattr('1.records') | map(attribute='0') | list) -}}
{% endmacro %}


{% macro listed_extracts() %}
    {%- set extracts = [] -%}
    {%- for source_name, line in var('sources').items() -%}
        {%- for table_name in line.extracts -%}
            {%- do extracts.append([source_name, table_name]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(extracts) -}}
{% endmacro %}


{% macro enabled_extracts() %}
    {%- set extracts = [] -%}
    {%- for source_name, table_name in listed_extracts() if is_enabled(source_name) -%}
        {%- do extracts.append([source_name, table_name]) -%}
    {%- endfor -%}
    {{- return(extracts) -}}
{% endmacro %}


{% macro bringers(kind, extract_name=none) %}
    {%- set found = [] -%}
    {%- for source_name, line in var('sources').items() -%}
        {%- if line.records -%}
            {%- if kind in line.records -%}
                {%- do found.append({
                    'source': source_name, 'extracts': line.extracts, 'model': 'int_' ~ source_name ~ '__' ~ kind, 'is_own_format': false
                }) -%}
            {%- endif -%}
        {%- elif (extract_name or kind) in line.extracts -%}
            {%- do found.append({
                'source': source_name, 'extracts': [extract_name or kind], 'is_own_format': true,
                'model': 'stg_' ~ source_name ~ '__' ~ (extract_name or kind)
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{% endmacro %}


{% macro union_of_sources(kind, extract_name=none) -%}
    {%- set bringers = bringers(kind, extract_name) -%}
    {%- set own = bringers | selectattr('is_own_format') | first -%}
    {%- set columns = extract_columns(own.source, own.extracts[0]) if execute and graph.get('sources') else [] -%}
    {%- for bringer in bringers %}
    select
        {%- for column in columns %}
        {{ column.name }},
        {%- else %}
        *,
        {%- endfor %}
        cast('{{ bringer.source }}' as {{ dbt.type_string() }}) as source
    from {{ ref(bringer.model) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{% macro extract_of_record(source_column, kind, extract_name=none) -%}
    case {{ source_column }}
        {%- for bringer in bringers(kind, extract_name) %}
        when '{{ bringer.source }}' then '{{ bringer.extracts[0] }}'
        {%- endfor %}
    end
{%- endmacro %}
