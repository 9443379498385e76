{% macro recompute(touched=none, small_inputs=[], uses_as_of=false) %}
    {%- if not execute or not is_kept() -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- if touched is not none -%}
        {%- do check_inputs_are_tracked(model, touched | join(' '), small_inputs | join(' '), uses_as_of, []) -%}
    {%- endif -%}
    {%- set scope = 'scope_of_' ~ model.name -%}
    {%- if is_unchanged() -%}
        {{- return(scope) -}}
    {%- endif -%}
    {%- set plan = run_query(plan_of(touched, small_inputs, uses_as_of)) -%}
    {%- set reason = plan.rows[0][0] -%}
    {%- if reason -%}
        {{- log(model.name ~ ' is rebuilt: ' ~ reason, info=true) -}}
        {{- return(none) -}}
    {%- endif -%}
    {%- if touched is none -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- do run_query(
        'create or replace temporary table ' ~ scope ~ ' as select distinct unit from ('
        ~ touched | join(' union all ') ~ ') as touched where unit is not null'
    ) -%}
    {{- return(scope) -}}
{% endmacro %}


{% macro is_kept() %}
    {{- return(follows_changes() and config.get('incremental_strategy') == 'changes') -}}
{% endmacro %}


{% macro plan_of(touched, small_inputs, uses_as_of) %}
    {%- set checksums = [] -%}
    {%- for input in small_inputs -%}
        {%- do checksums.append('(select cast(coalesce(sum(cast(hash(input) as hugeint)), 0) as varchar) from ' ~ input ~ ' as input)') -%}
    {%- endfor -%}
    {%- set parents = kept_parents(model, []) -%}
    insert into incremental.plans
    with
    now as (
        select
            (select max(run) from incremental.runs) as run,
            {{ checksums | join(" || ' ' || ") or "''" }} as small_inputs,
            {{ '(select as_of from ' ~ ref('int_run__as_of') ~ ')' if uses_as_of else 'cast(null as timestamp)' }} as as_of
    ),
    marked as (
        select plans.*
        from incremental.plans
        where model = '{{ model.name }}' and run = {{ marked_run() }}
    )
    select
        '{{ model.name }}',
        now.run,
        case
            when {{ flags.FULL_REFRESH }} then 'a full refresh is asked for'
            when {{ adapter.get_relation(this.database, this.schema, this.identifier) is none }} then 'it is not there yet'
            when marked.run is null then 'nothing says what it was built from'
            when runs.settings != marked_runs.settings then 'settings or code have changed'
            when runs.load_id < marked_runs.load_id then 'what it was built from has landed anew'
            {%- if touched is not none %}
            when now.small_inputs is distinct from marked.small_inputs then 'what it looks up has changed'
            when (now.as_of is null) != (marked.as_of is null) or now.as_of < marked.as_of then '"now" has moved back'
            when exists (
                select 1 from incremental.changes
                where name = '*' and run > marked.run and model in ('{{ parents | join("', '") }}')
            ) then 'what it is made of was rebuilt'
            {%- endif %}
        end,
        now.small_inputs,
        now.as_of
    from now
    left join marked on true
    left join incremental.runs on now.run = runs.run
    left join incremental.runs as marked_runs on marked.run = marked_runs.run
    returning rebuilt_because
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
        {%- elif parent.resource_type != 'source' or var(parent.source_name ~ '_enabled') -%}
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
    {%- set plan -%}
        select rebuilt_because
        from incremental.plans
        where model = '{{ model.name }}' and run = (select max(run) from incremental.runs)
    {%- endset -%}
    {{- return(run_query(plan).rows[0][0]) -}}
{% endmacro %}


{% macro note_build() %}
    {%- if not execute or not follows_changes() -%}
        {{- return('') -}}
    {%- endif -%}
    {{ mark_of_run() }};
    {%- if model.config.materialized == 'table' or (is_kept() and rebuilt_because() is not none) %}
    insert into incremental.changes
    select '{{ model.name }}', max(run), '*', null
    from incremental.runs;
    {%- endif -%}
{% endmacro %}


{% macro get_incremental_changes_sql(arguments) %}
    {%- set target = arguments.target_relation -%}
    {%- set columns = get_quoted_csv(arguments.dest_columns | map(attribute='name')) -%}
    {%- set key = arguments.unique_key | join(', ') -%}
    {%- set meta = config.get('meta') -%}
    {%- set there = target if not meta.unit
        else '(select * from ' ~ target ~ ' where ' ~ in_scope(meta.unit, 'scope_of_' ~ model.name, meta.unit_type or 'string') ~ ')' -%}
    {%- for found, one, other in [('gone', there, arguments.temp_relation), ('came', arguments.temp_relation, there)] %}
    create or replace temporary table {{ found }}_{{ model.name }} as
    select one.*
    from {{ one }} as one
    left join (select *, true as is_there from {{ other }}) as other
        on {{ same_key(arguments.unique_key, 'one', 'other') }}
    where
        other.is_there is null
        {%- for column in arguments.dest_columns if column.name not in arguments.unique_key %}
        or {{ differs('one.' ~ column.quoted, 'other.' ~ column.quoted, column.dtype) }}
        {%- endfor %};
    {% endfor %}
    {% for name, expression in logged_columns(meta).items() %}
    insert into incremental.changes
    select
        '{{ model.name }}',
        (select max(run) from incremental.runs),
        '{{ name }}',
        value
    from (
        select distinct {{ expression }} as value
        from (
            {%- if name == 'kpi_day' %}
            {%- set told = get_quoted_csv(kpi_columns(arguments.dest_columns | map(attribute='name') | list)) %}
            (select {{ told }} from gone_{{ model.name }} except all select {{ told }} from came_{{ model.name }})
            union all
            (select {{ told }} from came_{{ model.name }} except all select {{ told }} from gone_{{ model.name }})
            {%- else %}
            select * from gone_{{ model.name }}
            union all by name
            select * from came_{{ model.name }}
            {%- endif %}
        ) as differing
    ) as named
    where value is not null;
    {% endfor %}

    delete from {{ target }} as kept
    using (
        select {{ key }} from gone_{{ model.name }}
        union all
        select {{ key }} from came_{{ model.name }}
    ) as differing
    where {{ same_key(arguments.unique_key, 'kept', 'differing') }};

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from came_{{ model.name }};

    drop table gone_{{ model.name }};
    drop table came_{{ model.name }};
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
