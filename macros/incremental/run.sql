{% macro start_of_run() %}
    {%- if not execute or is_at_the_door() -%}
        {{- return('') -}}
    {%- endif -%}
    {%- do run_query('create schema if not exists incremental') -%}
    {%- if var('extracts') != 'landed' and flags.WHICH in ['build', 'run'] -%}
        {#- What is about to be built from the demo's seeds is nothing that landed extracts could go on from. -#}
        {%- do run_query('drop table if exists incremental.marks') -%}
        {%- do run_query('drop table if exists incremental.tested') -%}
    {%- endif -%}
    {%- do create_bookkeeping() -%}
    {%- if var('extracts') == 'landed' -%}
        {%- do graph.update({'run_state': begun_run()}) -%}
    {%- endif -%}
    {{- return('') -}}
{% endmacro %}


{% macro is_at_the_door() %}
    {%- set others = [] -%}
    {%- for id in selected_resources if not is_left_to_ccw(graph.nodes.get(id) or {}) -%}
        {%- do others.append(id) -%}
    {%- endfor -%}
    {{- return(selected_resources and not others) -}}
{% endmacro %}


{% macro is_left_to_ccw(node) %}
    {%- for id in [node.unique_id] + (node.depends_on.nodes if node.resource_type == 'test' else []) if id in graph.nodes -%}
        {%- if graph.nodes[id].config.tags | select('in', ['door', 'judged_by_ccw']) | list -%}
            {{- return(true) -}}
        {%- endif -%}
    {%- endfor -%}
    {{- return(false) -}}
{% endmacro %}


{% macro begun_run() %}
    {%- set numbers -%}
        select
            (select coalesce(max(run), 0) + 1 from incremental.runs) as run,
            (select coalesce(max(load_id), 0) from ops.landed_files) as load_id,
            (select max(run) from incremental.tested) as tested_run,
            {{ pseudonym("'settings'") }} as secret
    {%- endset -%}
    {%- set numbers = run_query(numbers).rows[0] -%}
    {%- set settings = fingerprint_of_settings() ~ ' ' ~ numbers.secret -%}
    {%- set this_run -%}
        select
            cast({{ numbers.run }} as bigint) as run,
            cast({{ numbers.load_id }} as bigint) as load_id,
            '{{ settings }}' as settings,
            '{{ fingerprint_of_tests() }}' as tests,
            '{{ var('as_of') }}' as as_of_setting
    {%- endset -%}
    {%- do run_query(noted('runs', this_run)) -%}
    {%- set runs = {} -%}
    {%- for run in run_query('select run, load_id, settings, tests, as_of_setting from incremental.runs').rows -%}
        {%- do runs.update({run.run | int: run}) -%}
    {%- endfor -%}
    {%- set landed = {} -%}
    {%- set newest_loads -%}
        select
            source || '.' || {{ adapter.quote('table') }} as extract,
            max(load_id) as load_id
        from ops.landed_files
        group by 1
    {%- endset -%}
    {%- for extract in run_query(newest_loads).rows -%}
        {%- do landed.update({extract.extract: extract.load_id | int}) -%}
    {%- endfor -%}
    {%- set marks = {} -%}
    {#- A whole run that passed all tests leaves everything as of itself, what did not have to run too. -#}
    {%- for mark in run_query(
        'select model, run, small_inputs, cast(as_of as ' ~ dbt.type_string() ~ ') as as_of, rebuilt_in from incremental.marks where run is not null'
    ).rows -%}
        {%- set run = [mark.run | int, numbers.tested_run or 0] | max | int -%}
        {%- if run in runs -%}
            {%- do marks.update({mark.model: {
                'run': run, 'load_id': runs[run].load_id | int, 'settings': runs[run].settings, 'as_of_setting': runs[run].as_of_setting,
                'small_inputs': mark.small_inputs, 'as_of': mark.as_of, 'rebuilt_in': mark.rebuilt_in or 0,
            }}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return({
        'invocation_id': invocation_id, 'run': numbers.run | int, 'this': runs[numbers.run | int], 'tested': runs.get((numbers.tested_run or 0) | int),
        'marks': marks, 'landed': landed, 'unchanged': {}, 'plans': {}, 'bounds': {},
    }) -}}
{% endmacro %}


{% macro run_state() %}
    {%- set state = graph.get('run_state') or {} -%}
    {{- return(state if state.invocation_id == invocation_id else {}) -}}
{% endmacro %}


{% macro this_run() -%}
    {{- return(run_state().run) -}}
{%- endmacro %}


{% macro mark() -%}
    {{- return((run_state().marks or {}).get(model.name)) -}}
{%- endmacro %}


{% macro fingerprint_of_settings() %}
    {%- set texts = [] -%}
    {%- for name, macro in contact_centre_warehouse.items() | sort(attribute='0') -%}
        {%- do texts.append(macro.macro.macro_sql) -%}
    {%- endfor -%}
    {%- for node in graph.nodes.values() | sort(attribute='unique_id') if node.resource_type == 'model' -%}
        {%- do texts.append(node.raw_code) -%}
    {%- endfor -%}
    {%- set parts = [] -%}
    {#- A var is read by its name, or by a name that is put together from a source's. -#}
    {%- set names = modules.re.findall("'([a-z0-9_]+)'", texts | join('\n')) -%}
    {%- for declared in graph.sources.values() -%}
        {%- do names.append(declared.source_name ~ '_enabled') -%}
        {%- do parts.append(declared.unique_id ~ declared.config.meta ~ declared.columns) -%}
    {%- endfor -%}
    {%- for name in names | unique | sort if name != 'as_of' and var(name, none) is not none -%}
        {%- do parts.append(name ~ '=' ~ var(name)) -%}
    {%- endfor -%}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'seed') -%}
        {%- do parts.append(node.unique_id ~ node.checksum.checksum ~ node.config.materialized ~ node.config.meta) -%}
    {%- endfor -%}
    {%- for node in graph.semantic_models.values() | list + graph.metrics.values() | list -%}
        {%- for name, value in node.items() if name != 'created_at' -%}
            {%- do parts.append(node.unique_id ~ name ~ value) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(local_md5((texts + parts | sort) | join('\n'))) -}}
{% endmacro %}


{% macro fingerprint_of_tests() %}
    {%- set parts = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'test' -%}
        {%- do parts.append(node.unique_id ~ node.checksum.checksum ~ node.raw_code ~ node.test_metadata ~ node.config) -%}
    {%- endfor -%}
    {{- return(local_md5(parts | sort | join('\n'))) -}}
{% endmacro %}


{% macro end_of_run(results) %}
    {%- set failed = results | selectattr('status', 'in', ['error', 'fail', 'runtime error', 'skipped']) | list if execute else [] -%}
    {%- if execute and var('extracts') == 'landed' and not failed and flags.WHICH == 'build'
        and is_whole(results | map(attribute='node.unique_id') | list) -%}
        {%- do run_query(noted('tested', 'select cast(' ~ this_run() ~ ' as bigint) as run, cast(null as ' ~ dbt.type_string() ~ ') as project')) -%}
        {%- do forget_earlier_runs() -%}
    {%- endif -%}
    {{- return('') -}}
{% endmacro %}


{% macro is_whole(ran) %}
    {%- set left_out = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'test') and node.unique_id not in ran
        and not is_left_to_ccw(node) -%}
        {%- do left_out.append(node.unique_id) -%}
    {%- endfor -%}
    {%- if not left_out -%}
        {{- return(true) -}}
    {%- endif -%}
    {%- set state = run_state() -%}
    {%- if not state.tested or state.tested.run | int != state.run - 1 or not has_settings_of(state.tested) or state.tested.tests != state.this.tests -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- set landed = [] -%}
    {%- for extract, load_id in state.landed.items() if load_id > state.tested.load_id | int -%}
        {%- do landed.append(extract) -%}
    {%- endfor -%}
    {%- set reached = {} -%}
    {%- for declared in graph.sources.values() -%}
        {%- do reached.update({declared.unique_id: declared.source_name ~ '.' ~ declared.name in landed}) -%}
    {%- endfor -%}
    {%- for id in left_out if is_reached(id, reached) -%}
        {{- return(false) -}}
    {%- endfor -%}
    {{- return(true) -}}
{% endmacro %}


{% macro is_reached(id, reached) %}
    {%- if id not in reached -%}
        {%- do reached.update({id: false}) -%}
        {%- for input in (graph.nodes[id].depends_on.nodes if id in graph.nodes else []) if is_reached(input, reached) -%}
            {%- do reached.update({id: true}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(reached[id]) -}}
{% endmacro %}


{% macro changed_since_tested(relation, looks_up=[]) %}
    {%- set state = run_state() if execute else {} -%}
    {%- if not state.tested or config.get('severity') | lower != 'error' or state.tested.tests != state.this.tests -%}
        {{- return('1 = 1') -}}
    {%- endif -%}
    {%- for node in graph.nodes.values() if node.relation_name in looks_up | map('string') | list -%}
        {%- set inputs = inputs_of(node, []) if node.config.materialized == 'view' else {'models': [node.name], 'sources': []} -%}
        {%- if not nothing_changed_since(state.tested, inputs) -%}
            {{- return('1 = 1') -}}
        {%- endif -%}
    {%- endfor -%}
    {%- for node in graph.nodes.values()
        if node.relation_name == relation | string and node.config.incremental_strategy == 'changes' and node.config.meta.unit -%}
        {%- if rebuilt_since(state.tested.run, [node.name]) == 0 -%}
            {%- set units -%}
                (select value as unit from incremental.changes where model = '{{ node.name }}' and name = 'unit' and run > {{ state.tested.run }})
            {%- endset -%}
            {{- return(in_scope(node.config.meta.unit, units, node.config.meta.unit_type or 'string')) -}}
        {%- endif -%}
    {%- endfor -%}
    {{- return('1 = 1') -}}
{% endmacro %}
