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
        came.without_length,
        counted.current_records,
        counted.unknown_references,
        counted.clocks_disagree,
        counted.newest_event
    from (
        select
            cast(coalesce(sum(landed), 0) as {{ dbt.type_bigint() }}) as landed,
            cast(coalesce(sum(new_records), 0) as {{ dbt.type_bigint() }}) as records,
            cast(coalesce(sum(without_length), 0) as {{ dbt.type_bigint() }}) as without_length
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
            count(case when {{ disagreeing_clocks(source_name, table_name) }} then 1 end) as clocks_disagree,
            {% if events -%}
            max(cast({{ 'greatest(records.' ~ events | join(', records.') ~ ')' if events | length > 1 else 'records.' ~ events[0] }} as timestamp))
            {%- else -%}
            cast(null as timestamp)
            {%- endif %} as newest_event
        from {{ ref('stg_' ~ source_name ~ '__' ~ table_name) }} as records
        {%- for reference in references %}
        left join {{ reference.listed }} as listed_{{ loop.index }} on records.{{ reference.column }} = listed_{{ loop.index }}.{{ reference.key }}
        {%- endfor %}
    ) as counted
{% endmacro %}


{% macro listed_keys(key) %}
    {%- set home = homes_of_keys()[key] -%}
    {{- ref(home.model) if home.is_unique else '(select distinct ' ~ key ~ ' from ' ~ ref(home.model) ~ ')' -}}
{% endmacro %}


{% macro references_of(source_name, table_name) %}
    {%- set references = [] -%}
    {%- for column, declared in extract_declaration(source_name, table_name).columns.items() -%}
        {%- set key = {'intent': 'reason_code'}.get(column, column) -%}
        {%- set home = homes_of_keys().get(key) -%}
        {#- A table that is at home says what there is; where its home is switched off, nothing is known to be missing. -#}
        {%- if home and home.is_known and [source_name, table_name] not in home.extracts -%}
            {%- if instances_of_contacts() and is_name_of_a_contact({'name': column, 'meta': declared.config.meta}) -%}
                {%- set listed = '(select name from ' ~ ref('int_contact_legs__names') ~ ' where contact_id is not null)' -%}
                {%- do references.append({'column': column, 'key': 'name', 'listed': listed}) -%}
            {%- else -%}
                {%- do references.append({'column': column, 'key': key, 'listed': listed_keys(key)}) -%}
            {%- endif -%}
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
        'queue_id': {'kind': 'queues', 'is_unique': false},
        'reason_code': {'kind': 'contact_reasons'},
        'agent_id': {'kind': 'agents', 'is_unique': false},
        'contact_id': {'kind': 'contact_legs', 'model': 'int_contacts__known'},
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
    {%- set declaration = extract_declaration(source_name, table_name) if execute else none -%}
    {%- set counts = is_version(declaration) if execute else '1 = 1' -%}
    select
        '{{ source_name }}' as source,
        '{{ table_name }}' as table_name,
        came._load_id,
        came.landed,
        came.without_length,
        coalesce(firsts.new_records, 0) as new_records
    from (
        select
            _load_id,
            count(*) as landed,
            {{ 'count(case when not ' ~ counts ~ ' then 1 end)' if counts != '1 = 1' else 'cast(0 as ' ~ dbt.type_bigint() ~ ')' }} as without_length
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
            where {{ counts }}
            group by {{ key_of_records(declaration) if execute else 'key' }}
        ) as records
        group by first_load_id
    ) as firsts on came._load_id = firsts.first_load_id
{% endmacro %}


{% macro extract_conflicts(source_name, table_name) %}
    {%- set declaration = extract_declaration(source_name, table_name) if execute else {'columns': {}, 'config': {'meta': {'key': ['key']}}} -%}
    {%- set is_personal, names, content = [], [], [] -%}
    {%- set written = instant_of_version(declaration) if execute else '_load_id' -%}
    {%- for name, column in declaration.columns.items() -%}
        {%- if name not in declaration.config.meta.key -%}
            {#- Where a log line stands is no content of it. -#}
            {%- if name not in columns_that_landing_fills(declaration) -%}
                {%- do content.append(name) -%}
            {%- endif -%}
        {%- else -%}
            {%- do names.append("coalesce(cast(" ~ name ~ " as " ~ dbt.type_string() ~ "), '')") -%}
            {%- if column.config.meta.personal -%}
                {%- do is_personal.append(name) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set key = key_of_records(declaration) ~ ', ' ~ written if execute else 'key' -%}
    {%- set counts = is_version(declaration) if execute else '1 = 1' -%}
    select
        '{{ source_name }}' as source,
        '{{ table_name }}' as table_name,
        count(*) as conflicts,
        min(conflict) as conflict_example
    from (
        select cast({{ 'null' if is_personal or not names else 'min(' ~ names | join(" || ', ' || ") ~ ')' }} as {{ dbt.type_string() }}) as conflict
        from (
            {{ extract(source_name, table_name) | indent(12) }}
        ) as versions
        where {{ counts }}
            and ({{ key }}) in (
                select {{ key }}
                from (
                    {{ extract(source_name, table_name) | indent(20) }}
                ) as counted_versions
                where {{ counts }}
                group by {{ key }}
                having count(*) > 1
            )
        group by {{ key }}
        having
            count(distinct coalesce(is_deleted, false)) > 1
            {%- if content %}
            or count(distinct {{ record(content) }}) > 1
            {%- endif %}
    ) as conflicts
{% endmacro %}


{% macro disagreeing_clocks(source_name, table_name) %}
    {%- set declaration = extract_declaration(source_name, table_name) if execute else {'config': {'meta': {}}, 'columns': {}} -%}
    {%- set disagreements = [] -%}
    {%- for later, earliers in declaration.config.meta.get('not_before', {}).items() if declaration.columns[later].data_type == 'timestamp' -%}
        {%- for earlier in earliers -%}
            {%- do disagreements.append('records.' ~ later ~ ' < records.' ~ earlier) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(disagreements | join(' or ') or 'false') -}}
{% endmacro %}


{#- Without a column that says when a version was written, and where it is empty, the load says it. -#}
{% macro instant_of_version(declaration) %}
    {%- set written = versions_by(declaration) -%}
    {%- if written | length == 1 and declaration.columns[written[0]].config.meta.required -%}
        {{- return(written[0]) -}}
    {%- endif -%}
    {%- set parts, are_empty = [], [] -%}
    {%- for name in written -%}
        {%- do parts.append("coalesce(cast(" ~ name ~ " as " ~ dbt.type_string() ~ "), '')") -%}
        {%- do are_empty.append(name ~ ' is null') -%}
    {%- endfor -%}
    {%- do parts.append('case when ' ~ are_empty | join(' and ') ~ ' then _load_id else 0 end' if written else '_load_id') -%}
    {{- return(parts | join(', ')) -}}
{% endmacro %}
