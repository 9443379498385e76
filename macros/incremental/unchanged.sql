{% macro is_unchanged() %}
    {%- if not execute or not follows_changes() or flags.FULL_REFRESH -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- set known = run_state().unchanged -%}
    {%- if model.name not in known -%}
        {%- set inputs = inputs_of(model, []) if model.config.materialized != 'view' else {'models': [], 'sources': []} -%}
        {%- do known.update({
            model.name: adapter.get_relation(this.database, this.schema, this.identifier) is not none and nothing_changed_since(mark(), inputs)
        }) -%}
    {%- endif -%}
    {{- return(known[model.name]) -}}
{% endmacro %}


{% macro is_tested() %}
    {%- set state = run_state() if execute else {} -%}
    {%- if not state.tested or flags.FULL_REFRESH or config.get('severity') | lower != 'error' or state.tested.tests != state.this.tests
        or is_left_to_ccw(model) -%}
        {{- return(false) -}}
    {%- endif -%}
    {{- return(nothing_changed_since(state.tested, inputs_of(model, []))) -}}
{% endmacro %}


{% macro has_settings_of(earlier) %}
    {%- set this_run = run_state().this -%}
    {{- return(earlier.settings == this_run.settings and earlier.as_of_setting == this_run.as_of_setting) -}}
{% endmacro %}


{% macro nothing_changed_since(earlier, inputs) %}
    {%- set state = run_state() -%}
    {%- if not earlier or not has_settings_of(earlier) or state.this.load_id < earlier.load_id -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- for extract in inputs.sources if state.landed.get(extract, 0) > earlier.load_id -%}
        {{- return(false) -}}
    {%- endfor -%}
    {{- return(not inputs.models or changed_since(earlier.run, inputs.models) == 0) -}}
{% endmacro %}


{% macro changed_since(run, models) %}
    {%- set changed -%}
        select
            (select count(*) from incremental.changes where model in ('{{ models | join("', '") }}') and run > {{ run }})
            + (select count(*) from incremental.marks where model in ('{{ models | join("', '") }}') and rebuilt_in > {{ run }})
    {%- endset -%}
    {{- return(run_query(changed).rows[0][0]) -}}
{% endmacro %}


{% macro rebuilt_since(run, models) %}
    {%- set rebuilt -%}
        select count(*) from incremental.marks where model in ('{{ models | join("', '") }}') and rebuilt_in > {{ run }}
    {%- endset -%}
    {{- return(run_query(rebuilt).rows[0][0]) -}}
{% endmacro %}


{% macro follows_changes() %}
    {{- return(
        model.resource_type == 'model' and var('extracts') == 'landed' and not is_left_to_ccw(model)
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
    {{- return({'relations': [this]}) -}}
{% endmacro %}


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
    {{- return(pass_again() if is_tested() else dbt.materialization_test_default()) -}}
{% endmaterialization %}


{% materialization table, adapter='spark' %}
    {{- return(leave_unchanged() if is_unchanged() else dbt.materialization_table_spark()) -}}
{% endmaterialization %}


{% materialization incremental, adapter='spark' %}
    {{- return(leave_unchanged() if is_unchanged() else keep_spark_table()) -}}
{% endmaterialization %}


{% materialization test, adapter='spark' %}
    {{- return(pass_again() if is_tested() else dbt.materialization_test_default()) -}}
{% endmaterialization %}


{% macro pass_again() %}
    {%- call statement('main', fetch_result=true) -%}
        select
            0 as failures,
            false as should_warn,
            false as should_error
    {%- endcall -%}
    {{- return({'relations': []}) -}}
{% endmacro %}
