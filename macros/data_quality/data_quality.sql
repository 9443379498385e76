{% macro extract_quality(source_name, table_name) %}
    {%- set meta = extract_declaration(source_name, table_name).config.meta if execute else {'key': ['key']} -%}
    {%- set events = meta.get('events', []) -%}
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
        left join (
            select distinct {{ reference.key }}
            from {{ reference.home }}
        ) as listed_{{ loop.index }} on records.{{ reference.column }} = listed_{{ loop.index }}.{{ reference.key }}
        {%- endfor %}
    ) as counted
{% endmacro %}


{% macro references_of(source_name, table_name) %}
    {%- set homes = {
        'client_id': ['reference', 'clients', 'client_id'],
        'site_id': ['reference', 'sites', 'site_id'],
        'team_id': ['reference', 'teams', 'team_id'],
        'queue_id': ['reference', 'queues', 'queue_id'],
        'reason_code': ['reference', 'contact_reasons', 'reason_code'],
        'intent': ['reference', 'contact_reasons', 'reason_code'],
        'agent_id': ['wfm', 'agents', 'agent_id'],
        'contact_id': ['acd', 'contact_legs', 'contact_id', 'int_contact_legs__all_sources'],
        'order_id': ['crm', 'orders', 'order_id'],
        'evaluation_id': ['qa', 'evaluations', 'evaluation_id'],
    } -%}
    {%- set references = [] -%}
    {%- for name in extract_declaration(source_name, table_name).columns if name in homes -%}
        {%- set home = homes[name] -%}
        {#- A table that is at home says what there is; where the home is switched off, nothing is known to be missing. -#}
        {%- if home[:2] != [source_name, table_name] and var(home[0] ~ '_enabled') -%}
            {%- do references.append({'column': name, 'key': home[2], 'home': ref(home[3] or 'stg_' ~ home[0] ~ '__' ~ home[1])}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(references) -}}
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
