{% macro load_counts(source_name, table_name) %}
    {%- set declaration = extract_declaration(source_name, table_name) if execute else {'columns': {}, 'config': {'meta': {'key': ['key']}}} -%}
    {%- set meta = declaration.config.meta -%}
    {%- set rows = extract(source_name, table_name) -%}
    {%- set measured = measured_columns(source_name, declaration) -%}
    {%- set event = meta.events[0] if meta.get('expects') else none -%}
    {%- set ids = [] -%}
    {%- set content = [] -%}
    {%- for name, column in declaration.columns.items() -%}
        {%- if column.config.meta.own_id and name in meta.key -%}
            {%- do ids.append(name) -%}
        {%- elif not column.config.meta.own_id and name not in ['updated_at', 'published_at'] -%}
            {%- do content.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {#- What is new of a day, and what is another one's twin, shows beside everything else of that day only. -#}
    {%- set is_twin = event and ids -%}
    {%- set group = 'load_id, load_day, is_again' -%}
    select
        '{{ source_name }}.{{ table_name }}' as table_name,
        load_id,
        load_day,
        is_again,
        cast({{ case_of_groups(measured, 'name') }} as {{ dbt.type_string() }}) as column_name,
        cast({{ case_of_groups(measured, 'measure') }} as {{ dbt.type_string() }}) as measure,
        {{ case_of_groups(measured, none) }} as landed_value,
        count(*) as row_count
    from (
        select
            versions._load_id as load_id,
            {{ 'cast(versions.' ~ event ~ ' as date)' if event else 'cast(null as date)' }} as load_day,
            {{ 'case when firsts.first_load_id < versions._load_id then 1 else 0 end' if event else 'cast(0 as integer)' }} as is_again
            {%- for column in measured if column.expression %},
            {{ column.expression }} as measured_{{ loop.index }}
            {%- endfor %}
            {%- if is_twin %},
            case when twins.first_id <> versions.{{ ids[0] }} then 'yes' else 'no' end as measured_{{ measured | length }}
            {%- endif %}
        from ({{ rows }}) as versions
        {%- if event %}
        inner join (
            select
                _load_id,
                {{ dbt.dateadd('day', -measured_days(), 'max(' ~ event ~ ')') }} as measured_from
            from ({{ rows }}) as versions
            where {{ is_measured_load() }}
            group by _load_id
        ) as spans on versions._load_id = spans._load_id and versions.{{ event }} >= spans.measured_from
        left join (
            select
                {{ row_hash(meta.key) }} as key_hash,
                min(_load_id) as first_load_id
            from ({{ rows }}) as versions
            where {{ is_of_measured_days(rows, event) }}
            group by 1
            having min(_load_id) < max(_load_id)
        ) as firsts on {{ row_hash(meta.key, 'versions.') }} = firsts.key_hash
        {%- endif %}
        {%- if is_twin %}
        left join (
            select
                {{ row_hash(content) }} as content_hash,
                min_by({{ ids[0] }}, _load_id) as first_id
            from ({{ rows }}) as versions
            where {{ is_of_measured_days(rows, event) }}
            group by 1
            having min({{ ids[0] }}) <> max({{ ids[0] }})
        ) as twins on {{ row_hash(content, 'versions.') }} = twins.content_hash
        {%- endif %}
        where
            {{ is_measured_load('versions.') }}
            and not coalesce(versions.is_deleted, false)
    ) as measured
    group by grouping sets (
        ({{ group }})
        {%- for column in measured %},
        ({{ group }}, measured_{{ loop.index }})
        {%- endfor %}
    )
{% endmacro %}


{% macro measured_columns(source_name, declaration) %}
    {%- set meta = declaration.config.meta -%}
    {%- set event = meta.events[0] if meta.get('expects') else none -%}
    {%- set own_ids = names_of_ids() -%}
    {%- set measured, key_ids = [], [] -%}
    {%- for name, column in declaration.columns.items() if name not in columns_that_landing_fills(declaration) -%}
        {%- set of, value = column.config.meta, 'versions.' ~ name -%}
        {%- if of.own_id and name in meta.key -%}
            {%- do key_ids.append(name) -%}
        {%- endif -%}
        {%- if name == event -%}
            {%- do measured.append({'name': name, 'measure': 'hour', 'expression': 'extract(hour from ' ~ value ~ ')'}) -%}
        {%- elif column.data_type in ['timestamp', 'date'] -%}
            {%- do measured.append({'name': name, 'measure': 'ended' if of.is_end else 'filled', 'expression': 'case when ' ~ value ~ " is not null then 'yes' end"}) -%}
        {%- elif column.data_type == 'text' and (of.personal or name in own_ids) -%}
            {%- do measured.append({'name': name, 'measure': 'length', 'expression': 'least(length(' ~ value ~ '), 99)'}) -%}
        {%- elif column.data_type in ['text', 'boolean'] or (of.min is defined and of.max is defined and of.max - of.min <= 20) -%}
            {%- do measured.append({'name': name, 'measure': 'value', 'expression': value}) -%}
        {%- else -%}
            {%- do measured.append({'name': name, 'measure': 'size', 'expression': value if column.data_type == 'integer' else 'cast(floor(' ~ value ~ ') as ' ~ dbt.type_bigint() ~ ')'}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if meta.get('identified_by') -%}
        {%- set expression -%}
            case
                when not coalesce({{ meta.identified_by.where }}, false) then null
                when coalesce({{ 'versions.' ~ meta.identified_by.columns | join(', versions.') }}) is null then 'no'
                else 'yes'
            end
        {%- endset -%}
        {%- do measured.append({'name': meta.identified_by.columns | join(', '), 'measure': 'identified', 'expression': expression}) -%}
    {%- endif -%}
    {%- if event and 'updated_at' in declaration.columns -%}
        {%- set expression -%}
            case when versions.updated_at >= {{ dbt.dateadd('hour', 36, 'cast(cast(versions.' ~ event ~ ' as date) as timestamp)') }} then 'yes' else 'no' end
        {%- endset -%}
        {%- do measured.append({'name': 'updated_at', 'measure': 'late', 'expression': expression}) -%}
    {%- endif -%}
    {%- if event and key_ids -%}
        {%- do measured.append({'name': key_ids[0], 'measure': 'twin', 'expression': none}) -%}
    {%- endif -%}
    {{- return(measured) -}}
{% endmacro %}


{% macro case_of_groups(measured, part) -%}
    case
        {%- for column in measured %}
        when grouping(measured_{{ loop.index }}) = 0 then {{ "'" ~ column[part] ~ "'" if part else shown(column.measure, 'measured_' ~ loop.index) }}
        {%- endfor %}
        {{ "else 'rows'" if part }}
    end
{%- endmacro %}


{#- What is counted is as short as can be; only what is left of it becomes a text that sorts. -#}
{% macro shown(measure, value) %}
    {%- if measure == 'size' -%}
        {{- return(size_class(value)) -}}
    {%- elif measure in ['length', 'hour'] -%}
        {{- return(two_digits(value)) -}}
    {%- endif -%}
    {{- return('cast(' ~ value ~ ' as ' ~ dbt.type_string() ~ ')') -}}
{% endmacro %}


{% macro names_of_ids() %}
    {%- set names = [] -%}
    {%- for declared in (graph.sources.values() if execute else []) -%}
        {%- for name, column in declared.columns.items() if column.config.meta.own_id and name not in names -%}
            {%- do names.append(name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(names) -}}
{% endmacro %}


{% macro is_measured_load(prefix='') -%}
    {{ prefix }}_load_id > {{ var('checked_after_load') if is_incremental() else 0 }}
{%- endmacro %}


{% macro is_of_measured_days(rows, event) -%}
    {{ event }} >= (
                select {{ dbt.dateadd('day', -measured_days() - 1, 'max(' ~ event ~ ')') }}
                from ({{ rows }}) as versions
                where {{ is_measured_load() }}
            )
            and not coalesce(is_deleted, false)
{%- endmacro %}


{% macro measured_days() %}
    {{- return(63) -}}
{% endmacro %}


{% macro size_class(number) -%}
    case
        when {{ number }} is null then null
        {%- for edge in [1, 2, 4, 8, 12, 16, 23, 32, 45, 64, 90, 128, 181, 256, 362, 512, 724, 1024, 1448, 2048, 4096, 8192, 16384, 65536, 1048576] %}
        when {{ number }} < {{ edge }} then '{{ '%07d' | format(edge) }}'
        {%- endfor %}
        else '9999999'
    end
{%- endmacro %}


{% macro two_digits(number) -%}
    right('0' || cast({{ number }} as {{ dbt.type_string() }}), 2)
{%- endmacro %}


{% macro row_hash(columns, prefix='') %}
    {{- return(adapter.dispatch('row_hash', 'contact_centre_warehouse')(columns, prefix)) -}}
{% endmacro %}

{% macro duckdb__row_hash(columns, prefix) -%}
    hash({{ prefix }}{{ columns | join(', ' ~ prefix) }})
{%- endmacro %}

{% macro spark__row_hash(columns, prefix) -%}
    xxhash64({{ prefix }}{{ columns | join(', ' ~ prefix) }})
{%- endmacro %}
