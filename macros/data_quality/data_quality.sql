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


{% macro listed_keys(key) %}
    {%- set home = homes_of_keys()[key] -%}
    {{- ref(home.model) if home.is_unique else '(select distinct ' ~ key ~ ' from ' ~ ref(home.model) ~ ')' -}}
{% endmacro %}


{% macro references_of(source_name, table_name) %}
    {%- set references = [] -%}
    {%- for column in extract_declaration(source_name, table_name).columns -%}
        {%- set key = {'intent': 'reason_code'}.get(column, column) -%}
        {%- set home = homes_of_keys().get(key) -%}
        {#- A table that is at home says what there is; where its home is switched off, nothing is known to be missing. -#}
        {%- if home and home.is_known and [source_name, table_name] not in home.extracts -%}
            {%- do references.append({'column': column, 'key': key}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(references) -}}
{% endmacro %}


{% macro homes_of_keys() %}
    {%- set homes = {} -%}
    {%- for key, home in {
        'client_id': {'kind': 'clients'},
        'site_id': {'kind': 'sites'},
        'team_id': {'kind': 'teams'},
        'queue_id': {'kind': 'queues'},
        'reason_code': {'kind': 'contact_reasons'},
        'agent_id': {'kind': 'agents', 'is_unique': false},
        'contact_id': {'kind': 'contact_legs', 'model': 'int_contacts__from_legs'},
        'order_id': {'kind': 'orders'},
        'evaluation_id': {'kind': 'evaluations'},
    }.items() -%}
        {%- set extracts = [] -%}
        {%- set is_known = [] -%}
        {%- for bringer in bringers(home.kind) -%}
            {%- for table_name in bringer.extracts -%}
                {%- do extracts.append([bringer.source, table_name]) -%}
            {%- endfor -%}
            {%- do is_known.append(is_enabled(bringer.source)) -%}
        {%- endfor -%}
        {%- do homes.update({key: {
            'extracts': extracts,
            'is_known': true in is_known,
            'model': home.model or 'int_' ~ home.kind ~ '__unioned',
            'made_of': [{'model': home.model, 'extracts': ['']}] if home.model else bringers(home.kind),
            'is_unique': home.get('is_unique', true),
        }}) -%}
    {%- endfor -%}
    {{- return(homes) -}}
{% endmacro %}


{% macro landing_ledger() %}
    {%- if execute and var('extracts') == 'landed' -%}
        {{- return(adapter.get_relation(database=target.database, schema='ops', identifier='landed_files')) -}}
    {%- endif -%}
    {{- return(none) -}}
{% endmacro %}


{% macro extract_loads(source_name, table_name) %}
    {%- set key = extract_declaration(source_name, table_name).config.meta.key | join(', ') if execute else 'key' -%}
    select
        '{{ source_name }}' as source,
        '{{ table_name }}' as table_name,
        came._load_id,
        came.landed,
        coalesce(firsts.new_records, 0) as new_records
    from (
        select
            _load_id,
            count(*) as landed
        from (
            {{ extract(source_name, table_name) | indent(12) }}
        ) as counted_versions
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
            group by {{ key }}
        ) as records
        group by first_load_id
    ) as firsts on came._load_id = firsts.first_load_id
{% endmacro %}


{% macro disagreeing_clocks(source_name, table_name) %}
    {%- set declaration = extract_declaration(source_name, table_name) if execute else {'config': {'meta': {}}, 'columns': {}} -%}
    {%- set disagreements = [] -%}
    {%- for later, earliers in declaration.config.meta.get('not_before', {}).items() if declaration.columns[later].data_type == 'timestamp' -%}
        {%- for earlier in earliers -%}
            {%- do disagreements.append(later ~ ' < ' ~ earlier) -%}
        {%- endfor -%}
    {%- endfor -%}
    select
        '{{ source_name }}' as source,
        '{{ table_name }}' as table_name,
        count(case when {{ disagreements | join(' or ') if disagreements else 'false' }} then 1 end) as clocks_disagree
    from {{ ref('stg_' ~ source_name ~ '__' ~ table_name) }}
{% endmacro %}
