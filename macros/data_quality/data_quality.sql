{% macro extract_quality(source_name, table_name) %}
    {%- set staging = ref('stg_' ~ source_name ~ '__' ~ table_name) -%}
    {%- set meta = extract_declaration(source_name, table_name).config.meta if execute else {'key': ['key']} -%}
    {%- set events = meta.get('events', []) -%}
    {%- set references = [] -%}
    {%- for reference in (references_of(source_name, table_name) if execute else []) -%}
        {%- set unlisted -%}
            (
                records.{{ reference.column }} is not null
                and not exists (
                    select 1
                    from {{ reference.home }} as listed
                    where listed.{{ reference.key }} = records.{{ reference.column }}
                )
            )
        {%- endset -%}
        {%- do references.append(unlisted) -%}
    {%- endfor -%}
    select
        '{{ source_name }}' as source,
        '{{ table_name }}' as table_name,
        (
            select count(*)
            from ({{ extract(source_name, table_name) }}) as versions
        ) as landed,
        (
            select count(*)
            from (
                select distinct {{ meta.key | join(', ') }}
                from ({{ extract(source_name, table_name) }}) as versions
            ) as keys
        ) as records,
        (
            select count(*)
            from {{ staging }}
        ) as current_records,
        {% if references -%}
        (
            select count(*)
            from {{ staging }} as records
            where {{ references | join('\n                or ') }}
        )
        {%- else -%}
        cast(null as {{ dbt.type_bigint() }})
        {%- endif %} as unknown_references,
        {% if events -%}
        (
            select max(cast({{ 'greatest(' ~ events | join(', ') ~ ')' if events | length > 1 else events[0] }} as timestamp))
            from {{ staging }}
        )
        {%- else -%}
        cast(null as timestamp)
        {%- endif %} as newest_event
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
        'contact_id': ['acd', 'contact_legs', 'contact_id'],
        'order_id': ['crm', 'orders', 'order_id'],
        'evaluation_id': ['qa', 'evaluations', 'evaluation_id'],
    } -%}
    {%- set references = [] -%}
    {%- for name in extract_declaration(source_name, table_name).columns if name in homes -%}
        {%- set home = homes[name] -%}
        {#- A table that is at home says what there is; where the home is switched off, nothing is known to be missing. -#}
        {%- if home[:2] != [source_name, table_name] and var(home[0] ~ '_enabled') -%}
            {%- do references.append({'column': name, 'key': home[2], 'home': ref('stg_' ~ home[0] ~ '__' ~ home[1])}) -%}
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
