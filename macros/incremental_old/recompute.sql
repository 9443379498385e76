{% macro recompute(touched=none, small_inputs=[], uses_as_of=false) %}
    {%- if not execute or not is_kept() -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- if touched is not none -%}
        {%- do check_inputs_are_tracked(model, touched | join(' '), small_inputs | join(' '), uses_as_of, []) -%}
    {%- endif -%}
    {%- set scope = working_table('scope_of') -%}
    {%- if is_unchanged() -%}
        {{- return(scope) -}}
    {%- endif -%}
    {%- set plan = plan_of(touched, small_inputs, uses_as_of) -%}
    {%- do run_state().plans.update({model.name: plan}) -%}
    {%- if plan.rebuilt_because -%}
        {#- What is rebuilt and not marked, because the run ends in between, is rebuilt by the next one. -#}
        {%- do run_query(noted('marks', mark_of(none, false), replaces="model = '" ~ model.name ~ "'")) -%}
        {{- log(model.name ~ ' is rebuilt: ' ~ plan.rebuilt_because, info=true) -}}
        {{- return(none) -}}
    {%- endif -%}
    {%- if touched is none -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- do make_working_table(scope, 'select distinct unit from (' ~ touched | join(' union all ') ~ ') as touched where unit is not null') -%}
    {{- return(scope) -}}
{% endmacro %}


{% macro is_kept() %}
    {{- return(follows_changes() and config.get('incremental_strategy') == 'changes') -}}
{% endmacro %}


{% macro plan_of(touched, small_inputs, uses_as_of) %}
    {%- set mark = mark() -%}
    {%- set as_of = "(select cast(as_of as " ~ dbt.type_string() ~ ") from " ~ ref('int_run__as_of') ~ ")" if uses_as_of else 'null' -%}
    {%- set checksums = [] -%}
    {%- for input in small_inputs -%}
        {%- do checksums.append('(select ' ~ checksum('input') ~ ' from ' ~ input ~ ' as input)') -%}
    {%- endfor -%}
    {%- set plan = {'small_inputs': none, 'as_of': none} -%}
    {%- if checksums or uses_as_of -%}
        {%- set looked_up = run_query("select " ~ (checksums | join(" || ' ' || ") or 'null') ~ " as small_inputs, " ~ as_of ~ " as as_of").rows[0] -%}
        {%- do plan.update({'small_inputs': looked_up.small_inputs, 'as_of': looked_up.as_of}) -%}
    {%- endif -%}
    {%- set because = none -%}
    {%- if flags.FULL_REFRESH -%}
        {%- set because = 'a full refresh is asked for' -%}
    {%- elif adapter.get_relation(this.database, this.schema, this.identifier) is none -%}
        {%- set because = 'it is not there yet' -%}
    {%- elif not mark -%}
        {%- set because = 'nothing says what it was built from' -%}
    {%- elif mark.settings != run_state().this.settings -%}
        {%- set because = 'settings or code have changed' -%}
    {%- elif run_state().this.load_id < mark.load_id -%}
        {%- set because = 'what it was built from has landed anew' -%}
    {%- elif touched is not none and plan.small_inputs != mark.small_inputs -%}
        {%- set because = 'what it looks up has changed' -%}
    {%- elif touched is not none and ((not plan.as_of) != (not mark.as_of) or (plan.as_of or '') < (mark.as_of or '')) -%}
        {%- set because = '"now" has moved back' -%}
    {%- elif touched is not none and rebuilt_since(mark.run, kept_parents(model, [])) > 0 -%}
        {%- set because = 'what it is made of was rebuilt' -%}
    {%- endif -%}
    {%- do plan.update({'rebuilt_because': because}) -%}
    {{- return(plan) -}}
{% endmacro %}


{% macro kept_parents(node, seen) %}
    {%- for id in node.depends_on.nodes if id.startswith('model.') and id not in seen -%}
        {%- do seen.append(id) -%}
        {%- if graph.nodes[id].config.incremental_strategy != 'changes' -%}
            {%- do kept_parents(graph.nodes[id], seen) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set names = [] -%}
    {%- for id in seen if graph.nodes[id].config.incremental_strategy == 'changes' -%}
        {%- do names.append(graph.nodes[id].name) -%}
    {%- endfor -%}
    {{- return(names) -}}
{% endmacro %}


{% macro check_inputs_are_tracked(node, touched, small_inputs, uses_as_of, seen) %}
    {%- for id in node.depends_on.nodes if id not in seen -%}
        {%- do seen.append(id) -%}
        {%- set parent = graph.nodes.get(id) or graph.sources[id] -%}
        {%- set is_tracked = parent.relation_name and (parent.relation_name in small_inputs or parent.relation_name in touched) -%}
        {%- if parent.resource_type == 'seed' or is_tracked or "model = '" ~ parent.name ~ "'" in touched -%}
        {%- elif parent.name == 'int_run__as_of' and uses_as_of -%}
        {%- elif parent.resource_type == 'model' and parent.config.incremental_strategy != 'changes' and parent.name != 'int_run__as_of' -%}
            {%- do check_inputs_are_tracked(parent, touched, small_inputs, uses_as_of, seen) -%}
        {%- elif parent.resource_type != 'source' or is_enabled(parent.source_name) -%}
            {{- exceptions.raise_compiler_error(
                'The incremental model ' ~ model.name ~ ' depends on ' ~ parent.name ~ ', but nothing says what of it is touched when that '
                ~ 'changes: name it in the argument touched or small_inputs of its call of recompute'
            ) -}}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}


{% macro should_full_refresh() %}
    {%- if model.resource_type != 'model' or config.get('incremental_strategy') != 'changes' -%}
        {{- return(dbt.should_full_refresh()) -}}
    {%- endif -%}
    {{- return(not is_kept() or rebuilt_because() is not none) -}}
{% endmacro %}


{% macro rebuilt_because() %}
    {{- return((run_state().plans or {}).get(model.name, {}).rebuilt_because) -}}
{% endmacro %}


{% macro note_build() %}
    {%- if execute and follows_changes() -%}
        {%- set is_rebuilt = model.config.materialized == 'table' or (is_kept() and rebuilt_because() is not none) -%}
        {%- do run_query(noted('marks', mark_of(this_run(), is_rebuilt), replaces="model = '" ~ model.name ~ "'")) -%}
    {%- endif -%}
    {{- return('') -}}
{% endmacro %}


{% macro mark_of(run, is_rebuilt) -%}
    {%- set text = dbt.type_string() -%}
    {%- set plan = run_state().plans.get(model.name) or {} -%}
    select
        '{{ model.name }}' as model,
        cast({{ run or 'null' }} as bigint) as run,
        cast({{ text_literal(plan.rebuilt_because) if plan.rebuilt_because else 'null' }} as {{ text }}) as rebuilt_because,
        cast({{ text_literal(plan.small_inputs) if plan.small_inputs else 'null' }} as {{ text }}) as small_inputs,
        cast({{ text_literal(plan.as_of) if plan.as_of else 'null' }} as timestamp) as as_of,
        cast({{ this_run() if is_rebuilt else (mark() or {}).rebuilt_in or 'null' }} as bigint) as rebuilt_in
{%- endmacro %}


{% macro differing_rows(kept, new) %}
    {%- set key = config.get('unique_key') -%}
    select
        gone.is_there as gone_is_there,
        came.is_there as came_is_there,
        {%- for name in model.columns %}
        gone.{{ adapter.quote(name) }} as {{ adapter.quote('gone_' ~ name) }},
        came.{{ adapter.quote(name) }} as {{ adapter.quote('came_' ~ name) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (select *, true as is_there from {{ kept }} as kept) as gone
    full join (select *, true as is_there from {{ new }} as new) as came
        on {{ same_key(key, 'gone', 'came') }}
    where
        gone.is_there is null
        or came.is_there is null
        {%- for column in model.columns.values() if column.name not in key %}
        or {{ differs('gone.' ~ adapter.quote(column.name), 'came.' ~ adapter.quote(column.name), column.data_type) }}
        {%- endfor %}
{% endmacro %}


{% macro rows_that(side, differing) -%}
    (
        select
            {%- for name in model.columns %}
            {{ adapter.quote(side ~ '_' ~ name) }} as {{ adapter.quote(name) }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ differing }}
        where {{ side }}_is_there
    )
{%- endmacro %}


{% macro is_in_scope() -%}
    {%- set meta = config.get('meta') -%}
    {{- in_scope(meta.unit, working_table('scope_of') if meta.unit else none, meta.unit_type or 'string') -}}
{%- endmacro %}


{% macro logged_changes(gone, came) %}
    {%- set columns = quoted_columns() -%}
    {%- for name, expression in logged_columns(config.get('meta')).items() %}
    select
        '{{ model.name }}' as model,
        cast({{ this_run() }} as bigint) as run,
        '{{ name }}' as name,
        value
    from (
        select distinct {{ expression }} as value
        from (
            {%- if name == 'kpi_day' %}
            {%- set told = get_quoted_csv(kpi_columns(model.columns.keys())) %}
            (select {{ told }} from {{ gone }} as gone except all select {{ told }} from {{ came }} as came)
            union all
            (select {{ told }} from {{ came }} as came except all select {{ told }} from {{ gone }} as gone)
            {%- else %}
            select {{ columns }} from {{ gone }} as gone
            union all
            select {{ columns }} from {{ came }} as came
            {%- endif %}
        ) as differing
    ) as named
    where value is not null
    {{ 'union all' if not loop.last }}
    {%- endfor -%}
{% endmacro %}


{% macro quoted_columns() %}
    {{- return(get_quoted_csv(model.columns.keys() | list)) -}}
{% endmacro %}


{% macro note_changes(new, differing) %}
    {%- do make_working_table(differing, differing_rows('(select * from ' ~ this ~ ' where ' ~ is_in_scope() ~ ')', new)) -%}
    {%- set changes = logged_changes(rows_that('gone', differing), rows_that('came', differing)) -%}
    {%- if changes.strip() -%}
        {%- do run_query(noted('changes', changes)) -%}
    {%- endif -%}
{% endmacro %}


{% macro get_incremental_changes_sql(arguments) %}
    {%- set differing = working_table('differing') -%}
    {%- set columns = quoted_columns() -%}
    {%- set key = get_quoted_csv(config.get('unique_key')) -%}
    {%- do note_changes(arguments.temp_relation, differing) -%}
    {#- A transaction writes to one file, and the marts are in another one. If the run ends before the rows are replaced, they differ again. -#}
    {%- do adapter.commit() %}
    {#- What came may have been kept under a unit that is not in scope. #}
    delete from {{ this }} as kept
    using (
        select {{ key }} from {{ rows_that('gone', differing) }} as gone
        union
        select {{ key }} from {{ rows_that('came', differing) }} as came
    ) as differing
    where {{ same_key(config.get('unique_key'), 'kept', 'differing') }};

    insert into {{ this }} ({{ columns }})
    select {{ columns }}
    from {{ rows_that('came', differing) }} as came;

    drop table {{ differing }};
{% endmacro %}


{% macro same_key(key, one, other) -%}
    {%- for name in key -%}
    {{ one }}.{{ name }} is not distinct from {{ other }}.{{ name }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{% macro logged_columns(meta) %}
    {%- set columns = {} -%}
    {%- for name in meta.logs or [] -%}
        {%- do columns.update({name: unit_text(meta.logs[name] if meta.logs is mapping else name)}) -%}
    {%- endfor -%}
    {%- if meta.unit -%}
        {%- do columns.update({'unit': unit_text(meta.unit)}) -%}
    {%- endif -%}
    {{- return(columns) -}}
{% endmacro %}


{% macro kpi_columns(columns) %}
    {%- set expressions = ['date_day'] -%}
    {%- for semantic_model in graph.semantic_models.values() if semantic_model.node_relation.alias == model.name -%}
        {%- for read in semantic_model.dimensions + semantic_model.measures -%}
            {%- do expressions.append(read.expr or read.name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set names = modules.re.findall('[a-z0-9_]+', expressions | join(' ')) -%}
    {{- return(columns | select('in', names) | list) -}}
{% endmacro %}


{% macro differs(one, other, data_type) -%}
    {%- if data_type | lower == 'double' -%}
    ({{ one }} is null) != ({{ other }} is null) or abs({{ one }} - {{ other }}) > 1e-9 * greatest(abs({{ one }}), abs({{ other }}))
    {%- else -%}
    {{ one }} is distinct from {{ other }}
    {%- endif -%}
{%- endmacro %}
