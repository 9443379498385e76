{% macro start_of_run() %}
    {%- if not execute or not keeps_tables() -%}
        {{- return('') -}}
    {%- endif %}
    create schema if not exists incremental;
    create table if not exists incremental.runs (run bigint, load_id bigint, settings varchar);
    alter table incremental.runs add column if not exists tests varchar;
    alter table incremental.runs add column if not exists as_of_setting varchar;
    create table if not exists incremental.plans (
        model varchar, run bigint, rebuilt_because varchar, small_inputs varchar, as_of timestamp
    );
    create table if not exists incremental.marks (model varchar, run bigint);
    create table if not exists incremental.changes (model varchar, run bigint, name varchar, value varchar);
    create table if not exists incremental.tested (run bigint, project varchar);
    alter table incremental.tested add column if not exists project varchar;
    {%- if var('extracts') == 'landed' %}
    insert into incremental.runs
    select
        coalesce((select max(run) from incremental.runs), 0) + 1,
        (select coalesce(max(load_id), 0) from ops.landed_files),
        '{{ fingerprint_of_settings() }} ' || {{ pseudonym("'settings'") }},
        '{{ fingerprint_of_tests() }}',
        '{{ var('as_of') }}'
    {%- elif flags.WHICH in ['build', 'run'] %}
    {#- What is about to be built from the demo's seeds is nothing that landed extracts could go on from. #}
    delete from incremental.marks;
    delete from incremental.tested
    {%- endif %}
{% endmacro %}


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
    {%- if not execute or var('extracts') != 'landed' or not keeps_tables() or failed or flags.WHICH != 'build'
        or not is_whole(results | map(attribute='node.unique_id') | list) -%}
        {{- return('') -}}
    {%- endif -%}
    insert into incremental.tested (run)
    select max(run)
    from incremental.runs;
    {#- All models are as of this run, and tested, those too that did not have to run: what changed before it is of no interest to the next. #}
    {%- set this_run = '(select max(run) from incremental.runs)' %}
    insert into incremental.plans
    select
        plans.model,
        {{ this_run }},
        null,
        plans.small_inputs,
        plans.as_of
    from incremental.plans
    inner join incremental.marks on plans.model = marks.model and plans.run = marks.run
    where plans.model not in (select model from incremental.marks where run = {{ this_run }});
    insert into incremental.marks
    select distinct
        model,
        {{ this_run }}
    from incremental.marks
    where model not in (select model from incremental.marks where run = {{ this_run }});
    {%- for table in ['changes', 'marks', 'tested'] %}
    delete from incremental.{{ table }}
    where run < {{ this_run }}
    {{- ';' if not loop.last }}
    {%- endfor %}
{% endmacro %}


{% macro is_whole(ran) %}
    {%- set left_out = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'test') and node.unique_id not in ran -%}
        {%- do left_out.append(node.unique_id) -%}
    {%- endfor -%}
    {%- if not left_out -%}
        {{- return(true) -}}
    {%- endif -%}
    {%- set settings = "settings || ' ' || as_of_setting || ' ' || tests" -%}
    {%- set landed_since_whole -%}
        select landed_files.source || '.' || landed_files."table"
        from incremental.runs as before
        left join ops.landed_files on before.load_id < landed_files.load_id
        where
            before.run = (select max(run) - 1 from incremental.runs)
            and before.run = (select max(run) from incremental.tested)
            and {{ settings }} = (select {{ settings }} from incremental.runs order by run desc limit 1)
    {%- endset -%}
    {%- set landed = run_query(landed_since_whole).columns[0].values() -%}
    {%- if not landed -%}
        {{- return(false) -}}
    {%- endif -%}
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


{% macro changed_since_tested(relation) %}
    {%- if not execute or var('extracts') != 'landed' or not keeps_tables() -%}
        {{- return('1 = 1') -}}
    {%- endif -%}
    {%- set since_tested = 'run > coalesce((select max(run) from incremental.tested), 0)' -%}
    {%- for node in graph.nodes.values()
        if node.relation_name == relation | string and node.config.incremental_strategy == 'changes' and node.config.meta.unit -%}
        {%- set rebuilt -%}
            select count(*)
            from incremental.changes
            where model = '{{ node.name }}' and name = '*' and {{ since_tested }}
        {%- endset -%}
        {%- if run_query(rebuilt).rows[0][0] == 0 -%}
            {%- set units -%}
                (select value as unit from incremental.changes where model = '{{ node.name }}' and name = 'unit' and {{ since_tested }})
            {%- endset -%}
            {{- return(in_scope(node.config.meta.unit, units, node.config.meta.unit_type or 'string')) -}}
        {%- endif -%}
    {%- endfor -%}
    {{- return('1 = 1') -}}
{% endmacro %}
