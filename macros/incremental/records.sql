{% macro incremental_start() %}
    {%- if not execute or target.type != 'duckdb' -%}
        {{- return('') -}}
    {%- endif -%}
    {#- Records of what a run read and changed; the first three tables hold a row a model, an input of it, and a run. -#}
    create schema if not exists incremental;
    create table if not exists {{ incremental_table('builds') }} (
        model varchar, run bigint, fingerprint varchar, rebuilt_run bigint, rebuilt_because varchar, tested_run bigint
    );
    create table if not exists {{ incremental_table('reads') }} (model varchar, input varchar, version varchar);
    create table if not exists {{ incremental_table('runs') }} (run bigint, invocation_id varchar);
    insert into {{ incremental_table('runs') }}
    select coalesce(max(run), 0) + 1, '{{ invocation_id }}'
    from {{ incremental_table('runs') }};
{% endmacro %}


{% macro incremental_table(name) %}
    {{- return(adapter.quote(target.database) ~ '.incremental.' ~ name) -}}
{% endmacro %}


{% macro changes_of(model_name) %}
    {{- return(incremental_table('changes__' ~ model_name)) -}}
{% endmacro %}


{% macro record_build(plan) %}
    {%- set is_rebuilt = plan.rebuilt_because is not none -%}
    {%- set rows = [] -%}
    {%- for name, version in plan.versions.items() if version is not none -%}
        {%- do rows.append("('" ~ model.name ~ "', '" ~ name ~ "', '" ~ version ~ "')") -%}
    {%- endfor -%}
    {%- for name, input in incremental_inputs().items() if name not in plan.versions -%}
        {%- do rows.append("('" ~ model.name ~ "', '" ~ name ~ "', null)") -%}
    {%- endfor -%}
    {%- set sql -%}
        begin;
        delete from {{ incremental_table('reads') }} where model = '{{ model.name }}';
        {%- if rows %}
        insert into {{ incremental_table('reads') }} values {{ rows | join(', ') }};
        {%- endif %}
        {%- if is_rebuilt %}
        delete from {{ incremental_table('builds') }} where model = '{{ model.name }}';
        insert into {{ incremental_table('builds') }}
        values (
            '{{ model.name }}', {{ plan.run }}, '{{ plan.fingerprint }}', {{ plan.run }},
            '{{ plan.rebuilt_because | replace("'", "''") }}', null
        );
        {%- else %}
        update {{ incremental_table('builds') }} set run = {{ plan.run }} where model = '{{ model.name }}';
        {%- endif %}
        commit;
    {%- endset -%}
    {%- do run_query(sql) -%}
{% endmacro %}


{% macro incremental_end(results) %}
    {%- if not execute or target.type != 'duckdb' -%}
        {{- return('') -}}
    {%- endif -%}
    {%- set passed, built = [], [] -%}
    {%- for result in results if result.status | string in ['pass', 'warn', 'success'] -%}
        {%- do passed.append(result.node.unique_id) -%}
        {%- if result.node.config.materialized == 'incremental_by_key' -%}
            {%- do built.append(result.node) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set untested = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'test' and node.unique_id not in passed -%}
        {%- do untested.extend(node.depends_on.nodes) -%}
    {%- endfor -%}
    {#- A model that is there no longer reads nothing: the changes that it has not seen need not be held for it. -#}
    {%- set names = [] -%}
    {%- for node in graph.nodes.values() if node.config.materialized == 'incremental_by_key' -%}
        {%- do names.append("'" ~ node.name ~ "'") -%}
    {%- endfor -%}
    {%- set statements = [] -%}
    {%- for table in (['builds', 'reads'] if names else []) -%}
        {%- do statements.append('delete from ' ~ incremental_table(table) ~ ' where model not in (' ~ names | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- for node in built -%}
        {%- if node.unique_id not in untested -%}
            {%- do statements.append(
                'update ' ~ incremental_table('builds') ~ " set tested_run = run where model = '" ~ node.name ~ "'"
            ) -%}
        {%- endif -%}
        {#- Changes that every reader has seen, and the tests. Those of this run stay, for whoever publishes. -#}
        {%- do statements.append(
            'delete from ' ~ changes_of(node.name) ~ ' where run < (select max(run) from ' ~ incremental_table('runs') ~ ')'
            ~ ' and run <= (select min(coalesce(tested_run, 0)) from ' ~ incremental_table('builds') ~ " where model = '" ~ node.name ~ "')"
            ~ ' and run <= coalesce((select min(builds.run) from ' ~ incremental_table('builds') ~ ' as builds inner join '
            ~ incremental_table('reads') ~ " as reads on builds.model = reads.model where reads.input = '" ~ node.name ~ "'), run)"
        ) -%}
    {%- endfor -%}
    {{- return(statements | join(';\n')) -}}
{% endmacro %}


{% macro rows_to_test(relation) %}
    {#- A test looks at the rows whose key changed since all tests of the model last passed. -#}
    {%- for node in (graph.nodes.values() if execute and target.type == 'duckdb' else [])
        if node.relation_name == relation | string and node.config.materialized == 'incremental_by_key' and node.config.meta.incremental.key -%}
        {%- set builds = run_query(
            'select tested_run, rebuilt_run from ' ~ incremental_table('builds') ~ " where model = '" ~ node.name ~ "'"
        ).rows -%}
        {%- if builds and builds[0].tested_run is not none and builds[0].tested_run >= builds[0].rebuilt_run -%}
            {%- set key = get_quoted_csv(node.config.meta.incremental.key) -%}
            {{- return('(' ~ key ~ ') in (select ' ~ key ~ ' from ' ~ changes_of(node.name) ~ ' where run > ' ~ builds[0].tested_run ~ ')') -}}
        {%- endif -%}
    {%- endfor -%}
    {{- return('1 = 1') -}}
{% endmacro %}
