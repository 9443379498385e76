{% macro extract_declaration(source_name, table_name) %}
    {%- for declared in graph.sources.values() if declared.source_name == source_name and declared.name == table_name -%}
        {{- return(declared) -}}
    {%- endfor -%}
    {{- exceptions.raise_compiler_error(
        'No extract ' ~ source_name ~ '.' ~ table_name ~ ' is declared: declare it in models/staging/' ~ source_name ~ '/_' ~ source_name ~ '__sources.yml'
    ) -}}
{% endmacro %}


{% macro columns_that_landing_fills(declaration) %}
    {%- set lines = declaration.config.meta.lines -%}
    {{- return([lines.number, lines.content] if lines else []) -}}
{% endmacro %}
