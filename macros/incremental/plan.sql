{% macro incremental_plan(code) %}
    {%- set inputs = incremental_inputs() -%}
    {%- set fingerprint = fingerprint_of(code) -%}
    {%- set state = state_of_model(inputs) -%}
    {%- set plan = {
        'run': state.run, 'fingerprint': fingerprint, 'versions': state.versions, 'last': state.last,
        'rebuilt_because': none, 'is_noteworthy': false, 'routes': [], 'has_changed_inputs': false,
    } -%}
    {%- if flags.FULL_REFRESH -%}
        {%- do plan.update({'rebuilt_because': 'a full refresh was asked for'}) -%}
    {%- elif load_cached_relation(this) is none or load_cached_relation(this).type != 'table' -%}
        {%- do plan.update({'rebuilt_because': 'it did not exist'}) -%}
    {%- elif not state.last -%}
        {%- do plan.update({'rebuilt_because': 'no complete build of it is recorded'}) -%}
    {%- elif state.last.fingerprint != fingerprint -%}
        {%- do plan.update({'rebuilt_because': 'its code or settings changed'}) -%}
    {%- else -%}
        {%- do plan_from_inputs(plan, inputs, state) -%}
    {%- endif -%}
    {%- do plan.update({'is_noteworthy': plan.rebuilt_because and not flags.FULL_REFRESH and plan.rebuilt_because != 'it did not exist'}) -%}
    {{- return(plan) -}}
{% endmacro %}


{% macro plan_from_inputs(plan, inputs, state) %}
    {%- for name, input in inputs.items() -%}
        {%- set before = state.last.versions.get(name) -%}
        {%- set now = state.versions.get(name) -%}
        {%- set is_changed = state.changed_inputs.get(name, false) if input.kind == 'incremental' else before != now -%}
        {%- if is_changed -%}
            {%- do plan.update({'has_changed_inputs': true}) -%}
        {%- endif -%}
        {%- if incremental_key() and is_changed -%}
            {%- for route in routes_of(name, input) -%}
                {%- if route == 'rebuild' -%}
                    {%- do plan.update({'rebuilt_because': name ~ ' changed'}) -%}
                {%- elif input.kind == 'incremental' and state.rebuilt_inputs.get(name) -%}
                    {%- do plan.update({'rebuilt_because': name ~ ' was rebuilt'}) -%}
                {%- elif input.kind == 'incremental' -%}
                    {%- do plan.routes.append(affected_by(name, input, route, {'since': state.last.run, 'now': none}, inputs)) -%}
                {%- elif is_later(now, before, input) -%}
                    {%- do plan.routes.append(affected_by(name, input, route, {'since': before, 'now': now}, inputs)) -%}
                {%- else -%}
                    {%- do plan.update({'rebuilt_because': name ~ ' went back'}) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}


{% macro is_later(now, before, input) %}
    {#- A watermark is a number, a clock an instant as text. -#}
    {%- if now is none or before is none -%}
        {{- return(before is none and input.kind == 'source') -}}
    {%- elif input.kind == 'source' -%}
        {{- return(now | int > before | int) -}}
    {%- endif -%}
    {{- return(now > before) -}}
{% endmacro %}


{% macro fingerprint_of(code) %}
    {%- set text = modules.re.sub('(?s)--[^\n]*|/\\*.*?\\*/', ' ', compiled_code_of_all_rows(code)) -%}
    {%- set columns = [] -%}
    {%- for column in model.columns.values() -%}
        {%- do columns.append(column.name ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    {%- set declared = config.get('meta').incremental -%}
    {{- return(local_md5([modules.re.sub('\\s+', ' ', text) | trim, columns, config.get('unique_key'), declared, incremental_version()] | join('\n'))) -}}
{% endmacro %}


{% macro incremental_version() %}
    {#- Raise it when a change of the engine makes the tables that it built before wrong. -#}
    {{- return(1) -}}
{% endmacro %}


{% macro state_of_model(inputs) %}
    {%- set lookups = [] -%}
    {%- set views = [] -%}
    {%- set names = [] -%}
    {%- for name, input in inputs.items() -%}
        {%- set relation = input.node.relation_name -%}
        {%- if input.kind == 'view' -%}
            {%- do views.append("('" ~ name ~ "', '" ~ input.node.schema ~ "', '" ~ input.node.alias ~ "')") -%}
        {%- elif input.kind == 'incremental' -%}
            {%- do names.append("'" ~ name ~ "'") -%}
            {%- do lookups.append("select '" ~ name ~ "', 'changes', (select cast(max(run) as varchar) from " ~ changes_of(name) ~ ")") -%}
        {%- elif input.kind == 'source' -%}
            {%- do lookups.append("select '" ~ name ~ "', 'version', (select cast(max(" ~ adapter.quote(input.node.config.meta.watermark) ~ ') as varchar) from ' ~ relation ~ ')') -%}
        {%- elif clock_column(name, input) -%}
            {%- do lookups.append("select '" ~ name ~ "', 'version', (select cast(" ~ clock_column(name, input) ~ ' as varchar) from ' ~ relation ~ ')') -%}
        {%- else -%}
            {%- do lookups.append("select '" ~ name ~ "', 'version', (select count(*) || ' ' || coalesce(sum(hash(looked_up)), 0) from " ~ relation ~ ' as looked_up)') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if views -%}
        {%- do lookups.append("select input, 'version', " ~ digest_of_view('sql') ~ " from (values " ~ views | join(', ') ~ ') as declared (input, schema_name, view_name) '
            ~ 'inner join duckdb_views() using (schema_name, view_name)') -%}
    {%- endif -%}
    {%- set query -%}
        select 'run' as name, 'run' as what, cast(run as varchar) as value
        from {{ incremental_table('runs') }} where invocation_id = '{{ invocation_id }}'
        union all
        select model, 'fingerprint', fingerprint from {{ incremental_table('builds') }} where model = '{{ model.name }}'
        union all
        select model, 'last_run', cast(run as varchar) from {{ incremental_table('builds') }} where model = '{{ model.name }}'
        union all
        select input, 'read', version from {{ incremental_table('reads') }} where model = '{{ model.name }}'
        {%- if names %}
        union all
        select model, 'rebuilt', cast(rebuilt_run as varchar) from {{ incremental_table('builds') }} where model in ({{ names | join(', ') }})
        {%- endif %}
        {%- for lookup in lookups %}
        union all
        {{ lookup }}
        {%- endfor %}
    {%- endset -%}
    {%- set found = {'run': {}, 'fingerprint': {}, 'last_run': {}, 'read': {}, 'rebuilt': {}, 'changes': {}, 'version': {}} -%}
    {%- for row in run_query(query).rows -%}
        {%- do found[row.what].update({row.name: row.value}) -%}
    {%- endfor -%}
    {%- if not found.run -%}
        {{- exceptions.raise_compiler_error('The run is not recorded: dbt_project.yml must have the hook on-run-start: {{ incremental_start() }}') -}}
    {%- endif -%}
    {%- set last = none -%}
    {%- set changed_inputs, rebuilt_inputs = {}, {} -%}
    {%- if model.name in found.fingerprint -%}
        {%- set last_run = found.last_run[model.name] | int -%}
        {%- set last = {'fingerprint': found.fingerprint[model.name], 'run': last_run, 'versions': found.read} -%}
        {%- for name in inputs -%}
            {%- set rebuilt = (found.rebuilt.get(name) or 0) | int > last_run -%}
            {%- do rebuilt_inputs.update({name: rebuilt}) -%}
            {%- do changed_inputs.update({name: rebuilt or (found.changes.get(name) or 0) | int > last_run}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return({
        'run': found.run['run'] | int, 'versions': found.version, 'last': last, 'changed_inputs': changed_inputs, 'rebuilt_inputs': rebuilt_inputs,
    }) -}}
{% endmacro %}


{% macro digest_of_view(sql) -%}
    {#- DuckDB words some joins otherwise once it has read a view back from its file; to write and read it here does the same. -#}
    md5(json_deserialize_sql(json_serialize_sql(regexp_replace({{ sql }}, '^CREATE VIEW .*? AS ', ''))))
{%- endmacro %}


{% macro clock_column(name, input) %}
    {#- A lookup of one row with a declared route by way of time is a clock: its version is the instant. -#}
    {%- for route in routes_of(name, input) if route is mapping and 'clock' in route -%}
        {{- return(route.clock) -}}
    {%- endfor -%}
    {{- return(none) -}}
{% endmacro %}
