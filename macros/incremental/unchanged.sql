{% macro is_unchanged() %}
    {%- if not execute or not follows_changes() or flags.FULL_REFRESH or adapter.get_relation(this.database, this.schema, this.identifier) is none -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- set inputs = inputs_of(model, []) if model.config.materialized != 'view' else {'models': [], 'sources': []} -%}
    {{- return(nothing_changed_since(marked_run(), inputs, "settings || ' ' || as_of_setting")) -}}
{% endmacro %}


{% macro is_tested() %}
    {%- if not execute or var('extracts') != 'landed' or not keeps_tables() or flags.FULL_REFRESH or config.get('severity') | lower != 'error' -%}
        {{- return(false) -}}
    {%- endif -%}
    {{- return(nothing_changed_since('(select max(run) from incremental.tested)', inputs_of(model, []), "settings || ' ' || as_of_setting || ' ' || tests")) -}}
{% endmacro %}


{% macro nothing_changed_since(run, inputs, settings) %}
    {%- set unchanged -%}
        select coalesce(
            newest.settings = earlier.settings
            and newest.load_id >= earlier.load_id
            and not exists (
                select 1 from incremental.changes
                where model in ('{{ inputs.models | join("', '") }}') and run > earlier.run
            )
            and not exists (
                select 1 from ops.landed_files
                where source || '.' || "table" in ('{{ inputs.sources | join("', '") }}') and load_id > earlier.load_id
            ),
            false
        )
        from (
            select run, load_id, {{ settings }} as settings
            from incremental.runs
            order by run desc
            limit 1
        ) as newest
        left join (
            select run, load_id, {{ settings }} as settings
            from incremental.runs
        ) as earlier on earlier.run = {{ run }}
    {%- endset -%}
    {{- return(run_query(unchanged).rows[0][0]) -}}
{% endmacro %}


{% macro follows_changes() %}
    {{- return(
        model.resource_type == 'model' and var('extracts') == 'landed' and keeps_tables()
        and flags.WHICH not in ['compile', 'generate', 'show']
    ) -}}
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


{% materialization test, adapter='duckdb' %}
    {%- if not is_tested() -%}
        {{- return(dbt.materialization_test_default()) -}}
    {%- endif -%}
    {%- call statement('main', fetch_result=true) -%}
        select
            0 as failures,
            false as should_warn,
            false as should_error
    {%- endcall -%}
    {{- return({'relations': []}) -}}
{% endmaterialization %}
