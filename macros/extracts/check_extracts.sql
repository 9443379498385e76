{#- A hook on-run-start: one sentence instead of an error a staged table. -#}
{% macro check_extracts() %}
    {%- if not execute or var('extracts') != 'seeds' -%}
        {{- return('') -}}
    {%- endif -%}
    {%- set seeds = [] -%}
    {%- for source_name, table_name in listed_extracts() if source_name in demo_sources() -%}
        {%- do seeds.append('seed.' ~ project_name ~ '.' ~ table_name) -%}
    {%- endfor -%}
    {%- for id in selected_resources if id in seeds -%}
        {{- return('') -}}
    {%- endfor -%}
    {%- set readers = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.unique_id in selected_resources -%}
        {%- for id in node.depends_on.nodes if id in seeds and node.name not in readers -%}
            {%- do readers.append(node.name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if not readers -%}
        {{- return('') -}}
    {%- endif -%}
    {%- set dbt_vars = vars_of_last_build() -%}
    {%- if dbt_vars -%}
        {{- exceptions.raise_compiler_error(
            "This warehouse was built by ccw from landed extracts, and " ~ readers | first ~ " would read the demo's: add --vars '" ~ dbt_vars
            ~ "', with which ccw built it, or give the demo a warehouse of its own with CCW_WAREHOUSE"
        ) -}}
    {%- endif -%}
    {%- set seed = graph.nodes[seeds | first] -%}
    {%- if not adapter.get_relation(seed.database, seed.schema, seed.alias) -%}
        {{- exceptions.raise_compiler_error(
            "The demo's extracts, which " ~ readers | first ~ ' reads, are not in this warehouse: run `dbt seed` before, or name the model with all that '
            ~ 'it reads, as in `dbt build --select +' ~ readers | first ~ '`'
        ) -}}
    {%- endif -%}
    {{- return('') -}}
{% endmacro %}


{% macro vars_of_last_build() %}
    {{- return(adapter.dispatch('vars_of_last_build', 'contact_centre_warehouse')()) -}}
{% endmacro %}

{% macro duckdb__vars_of_last_build() %}
    {%- if adapter.get_relation(target.database, 'ops', 'builds') -%}
        {%- set found = run_query(
            "select dbt_vars from ops.builds where kind = 'build' and is_complete and dbt_vars is not null order by run desc limit 1"
        ).rows -%}
        {{- return(found[0].dbt_vars if found else none) -}}
    {%- endif -%}
    {{- return(none) -}}
{% endmacro %}

{#- There landed extracts are told of by CCW_LANDED. -#}
{% macro spark__vars_of_last_build() %}
    {{- return(none) -}}
{% endmacro %}
