{% macro extract_quality(source_name, table_name) %}
    {%- set events = extract_declaration(source_name, table_name).config.meta.get('events', []) if execute else [] -%}
    {%- set references = references_of(source_name, table_name) if execute else [] -%}
    {%- set unlisted = [] -%}
    {%- for reference in references -%}
        {%- do unlisted.append(
            '(records.' ~ reference.column ~ ' is not null and listed_' ~ loop.index ~ '.' ~ reference.key ~ ' is null)'
        ) -%}
    {%- endfor -%}
    select
        '{{ source_name }}' as source,
        '{{ table_name }}' as table_name,
        came.landed,
        came.records,
        counted.current_records,
        counted.unknown_references,
        counted.newest_event
    from (
        select
            cast(coalesce(sum(landed), 0) as {{ dbt.type_bigint() }}) as landed,
            cast(coalesce(sum(new_records), 0) as {{ dbt.type_bigint() }}) as records
        from {{ ref('int_data_quality__loads') }}
        where
            source = '{{ source_name }}'
            and table_name = '{{ table_name }}'
    ) as came
    cross join (
        select
            count(*) as current_records,
            {% if unlisted -%}
            count(case when {{ unlisted | join(' or ') }} then 1 end)
            {%- else -%}
            cast(null as {{ dbt.type_bigint() }})
            {%- endif %} as unknown_references,
            {% if events -%}
            max(cast({{ 'greatest(records.' ~ events | join(', records.') ~ ')' if events | length > 1 else 'records.' ~ events[0] }} as timestamp))
            {%- else -%}
            cast(null as timestamp)
            {%- endif %} as newest_event
        from {{ ref('stg_' ~ source_name ~ '__' ~ table_name) }} as records
        {%- for reference in references %}
        left join {{ listed_keys(reference.key) }} as listed_{{ loop.index }} on records.{{ reference.column }} = listed_{{ loop.index }}.{{ reference.key }}
        {%- endfor %}
    ) as counted
{% endmacro %}


{% macro touched_extracts() %}
    {%- set loads = tracked('int_data_quality__loads') -%}
    {%- set touched = [
        "(select source || '.' || table_name as unit from " ~ loads ~ ' where cast(load_id as ' ~ dbt.type_string() ~ ') in '
        ~ changed('int_data_quality__loads', 'unit') ~ ')'
    ] -%}
    {%- for source_name, table_name in (listed_extracts() if execute and is_kept() else []) if var(source_name ~ '_enabled') -%}
        {%- set inputs = [{'source': source_name, 'table': table_name, 'model': 'stg_' ~ source_name ~ '__' ~ table_name}] -%}
        {%- for reference in references_of(source_name, table_name) -%}
            {%- do inputs.append(homes_of_keys()[reference.key]) -%}
        {%- endfor -%}
        {%- for input in inputs -%}
            {%- set node = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | selectattr('name', 'equalto', input.model) | first -%}
            {%- set differing = changed(input.model, 'unit') if node.config.incremental_strategy == 'changes'
                else landed(input.source, input.table, '_load_id') -%}
            {%- do touched.append('(select ' ~ text_literal(source_name ~ '.' ~ table_name) ~ ' as unit from ' ~ differing ~ ' as differing limit 1)') -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(touched) -}}
{% endmacro %}


{% macro extracts_in(scope) %}
    {%- set touched = run_query('select unit from ' ~ scope).columns[0].values() if scope and not is_unchanged() else none -%}
    {%- set extracts = [] -%}
    {%- for source_name, table_name in listed_extracts() if var(source_name ~ '_enabled') -%}
        {%- if touched is none or source_name ~ '.' ~ table_name in touched -%}
            {%- do extracts.append([source_name, table_name]) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(extracts) -}}
{% endmacro %}


{% macro listed_keys(key) %}
    {%- set home = homes_of_keys()[key] -%}
    {{- ref(home.model) if home.is_unique else '(select distinct ' ~ key ~ ' from ' ~ ref(home.model) ~ ')' -}}
{% endmacro %}


{% macro extract_loads(source_name, table_name, scope) %}
    {%- set key = extract_declaration(source_name, table_name).config.meta.key | join(', ') if execute else 'key' -%}
    select
        '{{ source_name }}' as source,
        '{{ table_name }}' as table_name,
        came._load_id as load_id,
        came.landed,
        coalesce(firsts.new_records, 0) as new_records
    from (
        select
            _load_id,
            count(*) as landed
        from (
            {{ extract(source_name, table_name) | indent(12) }}
        ) as counted_versions
        where {{ in_scope('_load_id', scope, 'bigint') }}
        group by _load_id
    ) as came
    left join (
        select
            first_load_id,
            count(*) as new_records
        from (
            select min(_load_id) as first_load_id
            from (
                {{ extract(source_name, table_name) | indent(16) }}
            ) as versions
            {%- if scope %}
            where ({{ key }}) in (
                select {{ key }}
                from (
                    {{ extract(source_name, table_name) | indent(20) }}
                ) as landed_versions
                where {{ in_scope('_load_id', scope, 'bigint') }}
            )
            {%- endif %}
            group by {{ key }}
        ) as records
        group by first_load_id
    ) as firsts on came._load_id = firsts.first_load_id
{% endmacro %}


{% macro references_of(source_name, table_name) %}
    {%- set references = [] -%}
    {%- for column in extract_declaration(source_name, table_name).columns -%}
        {%- set key = {'intent': 'reason_code'}.get(column, column) -%}
        {%- set home = homes_of_keys().get(key) -%}
        {#- A table that is at home says what there is; where the home is switched off, nothing is known to be missing. -#}
        {%- if home and [home.source, home.table] != [source_name, table_name] and var(home.source ~ '_enabled') -%}
            {%- do references.append({'column': column, 'key': key}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(references) -}}
{% endmacro %}


{% macro homes_of_keys() %}
    {{- return({
        'client_id': {'source': 'reference', 'table': 'clients', 'model': 'stg_reference__clients', 'is_unique': true},
        'site_id': {'source': 'reference', 'table': 'sites', 'model': 'stg_reference__sites', 'is_unique': true},
        'team_id': {'source': 'reference', 'table': 'teams', 'model': 'stg_reference__teams', 'is_unique': true},
        'queue_id': {'source': 'reference', 'table': 'queues', 'model': 'stg_reference__queues', 'is_unique': true},
        'reason_code': {'source': 'reference', 'table': 'contact_reasons', 'model': 'stg_reference__contact_reasons', 'is_unique': true},
        'agent_id': {'source': 'wfm', 'table': 'agents', 'model': 'stg_wfm__agents', 'is_unique': false},
        'contact_id': {'source': 'acd', 'table': 'contact_legs', 'model': 'int_contacts__from_legs', 'is_unique': true},
        'order_id': {'source': 'crm', 'table': 'orders', 'model': 'stg_crm__orders', 'is_unique': true},
        'evaluation_id': {'source': 'qa', 'table': 'evaluations', 'model': 'stg_qa__evaluations', 'is_unique': true},
    }) -}}
{% endmacro %}


{% macro listed_extracts() %}
    {%- set listed = [
        ['acd', 'contact_legs'],
        ['acd', 'ivr_sessions'],
        ['acd', 'agent_states'],
        ['crm', 'customers'],
        ['crm', 'cases'],
        ['crm', 'orders'],
        ['crm', 'order_reversals'],
        ['crm', 'account_logins'],
        ['finance', 'operating_costs'],
        ['qa', 'evaluations'],
        ['qa', 'evaluation_items'],
        ['reference', 'clients'],
        ['reference', 'sites'],
        ['reference', 'teams'],
        ['reference', 'queues'],
        ['reference', 'contact_reasons'],
        ['survey', 'contact_surveys'],
        ['survey', 'employee_surveys'],
        ['technion_bank', 'calls'],
        ['wfm', 'agents'],
        ['wfm', 'schedules'],
        ['wfm', 'forecasts'],
    ] -%}
    {%- for declared in (graph.sources.values() if execute else []) if [declared.source_name, declared.name] not in listed -%}
        {{- exceptions.raise_compiler_error(
            'The extract ' ~ declared.source_name ~ '.' ~ declared.name ~ ' is declared but not in the list of the macro listed_extracts: add it there'
        ) -}}
    {%- endfor -%}
    {{- return(listed) -}}
{% endmacro %}


{% macro landing_ledger() %}
    {%- if execute and var('extracts') == 'landed' -%}
        {{- return(adapter.get_relation(database=target.database, schema='ops', identifier='landed_files')) -}}
    {%- endif -%}
    {{- return(none) -}}
{% endmacro %}
