{% macro changed(model_name, column) -%}
    {%- for node in (graph.nodes.values() if execute and is_kept() else []) if node.name == model_name -%}
        {%- if column not in logged_columns(node.config.meta) -%}
            {{- exceptions.raise_compiler_error(
                'The model ' ~ model.name ~ ' asks for changes of ' ~ column ~ ' in ' ~ model_name ~ ', but nothing writes them down: '
                ~ 'name it in meta.logs of ' ~ model_name
            ) -}}
        {%- endif -%}
    {%- endfor -%}
    (
        select value as unit
        from incremental.changes
        where
            model = '{{ model_name }}'
            and name = '{{ column }}'
            and run > {{ marked_run() }}
    )
{%- endmacro %}


{% macro landed(source_name, table_name, key, column=none) -%}
    {%- if not is_enabled(source_name) -%}
    (select cast(null as {{ dbt.type_string() }}) as unit where 1 = 0)
    {%- else -%}
    {%- set extract_table = extract_declaration(source_name, table_name).relation_name if execute and is_kept() else '' -%}
    (
        select cast({{ column or key }} as {{ dbt.type_string() }}) as unit
        from {{ extract_table }}
        where
            {%- if column %}
            {{ key }} in (
                select {{ key }}
                from {{ extract_table }}
                where _load_id > {{ marked_load() }}
            )
            {%- else %}
            _load_id > {{ marked_load() }}
            {%- endif %}
    )
    {%- endif -%}
{%- endmacro %}


{% macro matured(relation, unit, ended_at, windows) -%}
    (
        select {{ unit }} as unit
        from {{ relation }}
        where
            {%- for hours in windows %}
            (
                {{ ended_at }} > {{ dbt.dateadd('hour', -hours, marked_as_of()) }}
                and {{ ended_at }} <= {{ dbt.dateadd('hour', -hours, '(select as_of from ' ~ tracked('int_run__as_of') ~ ')') }}
            )
            {{ 'or' if not loop.last }}
            {%- endfor %}
    )
{%- endmacro %}


{% macro marked_run() -%}
    {{ (mark() or {}).run or 'null' }}
{%- endmacro %}


{% macro marked_load() -%}
    {{ (mark() or {}).load_id or 'null' }}
{%- endmacro %}


{% macro marked_as_of() -%}
    {%- set as_of = (mark() or {}).as_of -%}
    cast({{ "'" ~ as_of ~ "'" if as_of else 'null' }} as timestamp)
{%- endmacro %}


{% macro in_scope(unit, scope, data_type='string') -%}
    {%- if not scope -%}
    1 = 1
    {%- elif unit is string -%}
    {%- set type = api.Column.translate_type(data_type) -%}
    cast({{ unit }} as {{ type }}) in (select cast(unit as {{ type }}) from {{ scope }} as scope)
    {%- else -%}
    ({{ unit | join(', ') }}) in (
        select
            substring(unit, 1, length(unit) - 11),
            cast(substring(unit, length(unit) - 9) as date)
        from {{ scope }} as scope
    )
    {{ in_bounds(unit, bounds_of(scope)) }}
    {%- endif -%}
{%- endmacro %}


{#- The same again, but told in constants, which an engine can hold against the rows that it reads before it joins any. -#}
{% macro in_bounds(unit, bounds) -%}
    {%- if bounds.first_day is none -%}
    and 1 = 0
    {%- else -%}
    and {{ unit[1] }} between cast('{{ bounds.first_day }}' as date) and cast('{{ bounds.last_day }}' as date)
    {%- if bounds.names %}
    and {{ unit[0] }} in ({{ bounds.names | join(', ') }})
    {%- endif %}
    {%- endif -%}
{%- endmacro %}


{% macro may_be_in_scope(name, scope) -%}
    {%- set names = bounds_of(scope).names if scope else [] -%}
    {{ name ~ ' in (' ~ names | join(', ') ~ ')' if names else '1 = 1' }}
{%- endmacro %}


{% macro bounds_of(scope) %}
    {%- if is_unchanged() -%}
        {{- return({'first_day': none, 'last_day': none, 'names': []}) -}}
    {%- endif -%}
    {%- set known = run_state().bounds -%}
    {%- if scope not in known -%}
        {%- set days -%}
            select
                min(substring(unit, length(unit) - 9)) as first_day,
                max(substring(unit, length(unit) - 9)) as last_day,
                count(distinct substring(unit, 1, length(unit) - 11)) as names
            from {{ scope }} as scope
        {%- endset -%}
        {%- set days = run_query(days).rows[0] -%}
        {%- set names = [] -%}
        {%- if 1 <= days.names <= 40 -%}
            {%- for name in run_query('select distinct substring(unit, 1, length(unit) - 11) as name from ' ~ scope ~ ' as scope order by name').rows -%}
                {%- do names.append(text_literal(name.name)) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- do known.update({scope: {'first_day': days.first_day, 'last_day': days.last_day, 'names': names}}) -%}
    {%- endif -%}
    {{- return(known[scope]) -}}
{% endmacro %}


{% macro unit_text(unit) -%}
    {%- if unit is string -%}
    cast({{ unit }} as {{ dbt.type_string() }})
    {%- else -%}
    {{ unit[0] }} || ' ' || cast({{ unit[1] }} as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}


{% macro tracked(model_name) %}
    {#- A unit test knows no relations but those that it makes up; what was touched is of no interest to it. -#}
    {{- return(ref(model_name) if not execute or is_kept() else '') -}}
{% endmacro %}
