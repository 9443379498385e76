{% macro is_unchanged() %}
    {%- if not execute or not follows_changes() or flags.FULL_REFRESH or adapter.get_relation(this.database, this.schema, this.identifier) is none -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- set inputs = inputs_of(model, []) if model.config.materialized != 'view' else {'models': [], 'sources': []} -%}
    {%- set unchanged -%}
        select coalesce(
            runs.settings = marked_runs.settings
            and runs.load_id >= marked_runs.load_id
            and not exists (
                select 1 from incremental.changes
                where model in ('{{ inputs.models | join("', '") }}') and run > marked_runs.run
            )
            and not exists (
                select 1 from ops.landed_files
                where source || '.' || "table" in ('{{ inputs.sources | join("', '") }}') and load_id > marked_runs.load_id
            ),
            false
        )
        from (select max(run) as run from incremental.runs) as newest
        inner join incremental.runs on newest.run = runs.run
        left join incremental.runs as marked_runs on marked_runs.run = {{ marked_run() }}
    {%- endset -%}
    {{- return(run_query(unchanged).rows[0][0]) -}}
{% endmacro %}


{% macro follows_changes() %}
    {{- return(model.resource_type == 'model' and var('extracts') == 'landed' and keeps_tables()) -}}
{% endmacro %}


{% macro inputs_of(node, seen) %}
    {%- set inputs = {'models': [], 'sources': []} -%}
    {%- for id in node.depends_on.nodes if id not in seen -%}
        {%- do seen.append(id) -%}
        {%- if id.startswith('source.') -%}
            {%- do inputs.sources.append(graph.sources[id].source_name ~ '.' ~ graph.sources[id].name) -%}
        {%- elif id.startswith('model.') and graph.nodes[id].config.materialized == 'view' -%}
            {%- set of_view = inputs_of(graph.nodes[id], seen) -%}
            {%- do inputs.update({'models': inputs.models + of_view.models, 'sources': inputs.sources + of_view.sources}) -%}
        {%- elif id.startswith('model.') -%}
            {%- do inputs.models.append(graph.nodes[id].name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(inputs) -}}
{% endmacro %}


{% macro leave_unchanged() %}
    {%- call noop_statement('main', 'UNCHANGED', 'UNCHANGED') -%}
        select 'nothing that it is made of has changed'
    {%- endcall -%}
    {%- call statement('mark') -%}
        insert into incremental.plans
        select
            model,
            (select max(run) from incremental.runs),
            null,
            small_inputs,
            as_of
        from incremental.plans
        where model = '{{ model.name }}' and run = {{ marked_run() }};
        {{ mark_of_run() }}
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {{- return({'relations': [this]}) -}}
{% endmacro %}


{% macro mark_of_run() -%}
    insert into incremental.marks
    select '{{ model.name }}', max(run)
    from incremental.runs
{%- endmacro %}


{#- dbt's own materializations, left out for what has not changed. -#}
{% materialization view, adapter='duckdb' %}
    {{- return(leave_unchanged() if is_unchanged() else dbt.materialization_view_default()) -}}
{% endmaterialization %}


{% materialization table, adapter='duckdb' %}
    {{- return(leave_unchanged() if is_unchanged() else dbt.materialization_table_duckdb()) -}}
{% endmaterialization %}


{% materialization incremental, adapter='duckdb' %}
    {{- return(leave_unchanged() if is_unchanged() else dbt.materialization_incremental_duckdb()) -}}
{% endmaterialization %}
