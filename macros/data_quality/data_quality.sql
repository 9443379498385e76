{% macro extract_quality(source_name, table_name) %}
    {%- set meta = extract_declaration(source_name, table_name).config.meta if execute else {'key': ['key']} -%}
    {%- set events = meta.get('events', []) -%}
    {%- set references = references_of(source_name, table_name) if execute else [] -%}
    {%- set unlisted = [] -%}
    {%- for reference in references -%}
        {%- do unlisted.append(
            '(records.' ~ reference.column ~ ' is not null and listed_' ~ loop.index ~ '.key_value is null)'
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
            cast(coalesce(sum(versions), 0) as {{ dbt.type_bigint() }}) as landed,
            count(*) as records
        from (
            select count(*) as versions
            from ({{ extract(source_name, table_name) }}) as landed_rows
            group by {{ meta.key | join(', ') }}
        ) as versions_of_records
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
        left join {{ ref('int_data_quality__listed') }} as listed_{{ loop.index }}
            on
                records.{{ reference.column }} = listed_{{ loop.index }}.key_value
                and listed_{{ loop.index }}.key_name = '{{ reference.key }}'
        {%- endfor %}
    ) as counted
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
        'client_id': {'source': 'reference', 'table': 'clients', 'model': 'stg_reference__clients'},
        'site_id': {'source': 'reference', 'table': 'sites', 'model': 'stg_reference__sites'},
        'team_id': {'source': 'reference', 'table': 'teams', 'model': 'stg_reference__teams'},
        'queue_id': {'source': 'reference', 'table': 'queues', 'model': 'stg_reference__queues'},
        'reason_code': {'source': 'reference', 'table': 'contact_reasons', 'model': 'stg_reference__contact_reasons'},
        'agent_id': {'source': 'wfm', 'table': 'agents', 'model': 'stg_wfm__agents'},
        'contact_id': {'source': 'acd', 'table': 'contact_legs', 'model': 'int_contact_legs__all_sources'},
        'order_id': {'source': 'crm', 'table': 'orders', 'model': 'stg_crm__orders'},
        'evaluation_id': {'source': 'qa', 'table': 'evaluations', 'model': 'stg_qa__evaluations'},
    }) -}}
{% endmacro %}


{% macro check_extracts_are_listed(listed) %}
    {%- if execute -%}
        {%- for declared in graph.sources.values() if [declared.source_name, declared.name] not in listed -%}
            {{- exceptions.raise_compiler_error(
                'The extract ' ~ declared.source_name ~ '.' ~ declared.name ~ ' is declared but not in the list of ' ~ model.name ~ ': add it there'
            ) -}}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}


{% macro landing_ledger() %}
    {%- if execute and var('extracts') == 'landed' -%}
        {{- return(adapter.get_relation(database=target.database, schema='ops', identifier='landed_files')) -}}
    {%- endif -%}
    {{- return(none) -}}
{% endmacro %}
