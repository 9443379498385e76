{% materialization incremental_by_key, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {{- run_hooks(pre_hooks, inside_transaction=false) -}}
    {{- run_hooks(pre_hooks, inside_transaction=true) -}}
    {%- set plan = incremental_plan(compiled_code) -%}
    {%- if plan.rebuilt_because -%}
        {%- do rebuild_incremental(target, plan) -%}
    {%- else -%}
        {%- do update_incremental(target, plan) -%}
    {%- endif -%}
    {%- do persist_docs(target, model) -%}
    {%- do record_build(plan) -%}
    {{- run_hooks(post_hooks, inside_transaction=true) -}}
    {{- run_hooks(post_hooks, inside_transaction=false) -}}
    {{- return({'relations': [target]}) -}}
{% endmaterialization %}


{% materialization incremental_by_key, adapter='spark' %}
    {{- return(dbt.materialization_table_spark()) -}}
{% endmaterialization %}


{% macro rebuild_incremental(target, plan) %}
    {%- set existing = load_cached_relation(target) -%}
    {%- set intermediate = make_intermediate_relation(target) -%}
    {%- do drop_relation_if_exists(load_cached_relation(intermediate)) -%}
    {#- A run that dies before the new table is recorded leaves no record, so the next run rebuilds it. -#}
    {%- do run_query('delete from ' ~ incremental_table('builds') ~ " where model = '" ~ model.name ~ "'") -%}
    {%- do run_query('create or replace table ' ~ changes_of(model.name) ~ ' as ' ~ recorded_columns_of_no_row(compiled_code_of_all_rows(compiled_code))) -%}
    {%- call statement('main') -%}
        {{ create_table_as(false, intermediate, compiled_code_of_all_rows(compiled_code)) }}
    {%- endcall -%}
    {%- if existing is not none -%}
        {%- do drop_relation_if_exists(existing) -%}
    {%- endif -%}
    {%- do adapter.rename_relation(intermediate, target) -%}
    {%- do adapter.commit() -%}
    {%- if plan.is_noteworthy -%}
        {{- log(model.name ~ ' was rebuilt: ' ~ plan.rebuilt_because, info=true) -}}
    {%- endif -%}
{% endmacro %}


{% macro update_incremental(target, plan) %}
    {%- if not has_affected_rows(plan) -%}
        {%- call noop_statement('main', 'UNCHANGED', 'UNCHANGED') -%}
            select 'no key is affected'
        {%- endcall -%}
        {{- return('') -}}
    {%- endif -%}
    {%- do run_query('create or replace temporary table ' ~ working_table('new_rows') ~ ' as ' ~ (compiled_code if incremental_key() else compiled_code_of_all_rows(compiled_code))) -%}
    {%- do run_query('create or replace temporary table ' ~ working_table('differing') ~ ' as ' ~ differing_rows(target)) -%}
    {#- Recorded before they are written: a run that dies in between records them again. -#}
    {%- do run_query('insert into ' ~ changes_of(model.name) ~ ' ' ~ changes_to_record(plan.run)) -%}
    {%- call statement('main') -%}
        {{ replace_differing_rows(target) }}
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {%- for name in ['new_rows', 'differing', 'affected_keys'] -%}
        {%- do run_query('drop table if exists ' ~ working_table(name)) -%}
    {%- endfor -%}
{% endmacro %}


{% macro has_affected_rows(plan) %}
    {%- if not incremental_key() -%}
        {{- return(plan.has_changed_inputs) -}}
    {%- elif not plan.routes -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- do run_query(
        'create or replace temporary table ' ~ working_table('affected_keys') ~ ' as select distinct * from (' ~ plan.routes | join(' union all ') ~ ')'
    ) -%}
    {{- return(run_query('select 1 from ' ~ working_table('affected_keys') ~ ' limit 1').rows | length > 0) -}}
{% endmacro %}


{% macro differing_rows(target) %}
    {%- set key = config.require('unique_key') -%}
    select
        old_rows.is_there as is_in_old_rows,
        new_rows.is_there as is_in_new_rows,
        {%- for name in model.columns %}
        old_rows.{{ adapter.quote(name) }} as {{ adapter.quote('old_' ~ name) }},
        new_rows.{{ adapter.quote(name) }} as {{ adapter.quote('new_' ~ name) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select *, true as is_there
        from {{ target }}
        {%- if incremental_key() %}
        where {{ matches_affected_keys(incremental_key()) }}
        {%- endif %}
    ) as old_rows
    full join (select *, true as is_there from {{ working_table('new_rows') }}) as new_rows
        on {{ same_values(key, 'old_rows', 'new_rows') }}
    where
        old_rows.is_there is null
        or new_rows.is_there is null
        {%- for column in model.columns.values() if column.name not in key %}
        or {{ differs('old_rows.' ~ adapter.quote(column.name), 'new_rows.' ~ adapter.quote(column.name), column.data_type) }}
        {%- endfor %}
{% endmacro %}


{% macro differs(one, other, data_type) -%}
    {#- Sums of doubles may differ in the last digits from one order of rows to another. -#}
    {%- if data_type | lower == 'double' -%}
    ({{ one }} is null) != ({{ other }} is null) or abs({{ one }} - {{ other }}) > 1e-9 * greatest(abs({{ one }}), abs({{ other }}))
    {%- else -%}
    {{ one }} is distinct from {{ other }}
    {%- endif -%}
{%- endmacro %}


{% macro changes_to_record(run) %}
    select distinct {{ run }} as run, *
    from (
        {%- for side in ['old', 'new'] %}
        select
            {%- for name in recorded_columns(model) %}
            {{ adapter.quote(side ~ '_' ~ name) }} as {{ adapter.quote(name) }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ working_table('differing') }}
        where is_in_{{ side }}_rows
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )
{% endmacro %}


{% macro replace_differing_rows(target) %}
    {%- set key = config.require('unique_key') -%}
    {%- set columns = get_quoted_csv(model.columns.keys() | list) -%}
    delete from {{ target }} as existing
    using (
        {%- for side in ['old', 'new'] %}
        select
            {%- for name in key %}
            {{ adapter.quote(side ~ '_' ~ name) }} as {{ adapter.quote(name) }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ working_table('differing') }}
        where is_in_{{ side }}_rows
        {{ 'union' if not loop.last }}
        {%- endfor %}
    ) as differing
    where
        {{ same_values(key, 'existing', 'differing') }}
        {%- if incremental_key() %}
        and {{ matches_affected_keys(qualified('existing', incremental_key())) }}
        {%- endif %};

    insert into {{ target }} ({{ columns }})
    select
        {%- for name in model.columns %}
        {{ adapter.quote('new_' ~ name) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ working_table('differing') }}
    where is_in_new_rows;
{% endmacro %}


{% macro qualified(alias, columns) %}
    {%- set expressions = [] -%}
    {%- for name in columns -%}
        {%- do expressions.append(alias ~ '.' ~ adapter.quote(name)) -%}
    {%- endfor -%}
    {{- return(expressions) -}}
{% endmacro %}


{% macro same_values(columns, one, other) -%}
    {%- for name in columns -%}
    {{ one }}.{{ adapter.quote(name) }} is not distinct from {{ other }}.{{ adapter.quote(name) }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
