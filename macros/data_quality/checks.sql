{% macro landed_loads() %}
    {%- set ledger = landing_ledger() -%}
    {%- if not ledger -%}
    select
        cast(null as {{ dbt.type_bigint() }}) as load_id,
        cast(null as {{ dbt.type_string() }}) as table_name,
        cast(null as {{ dbt.type_string() }}) as series,
        cast(null as {{ dbt.type_string() }}) as path,
        cast(null as {{ dbt.type_bigint() }}) as loaded,
        cast(null as timestamp) as landed_at,
        cast(null as boolean) as is_checked,
        cast(null as boolean) as counts_as_usual
    where 1 = 0
    {%- else -%}
    {%- set extract = ['source', adapter.quote('table')] -%}
    {%- set verdicts = adapter.get_relation(database=target.database, schema='ops', identifier='load_verdicts') -%}
    select
        files.*,
        files.load_id > {{ var('checked_after_load') }} and files.is_newest as is_checked,
        {{ "coalesce(verdicts.verdict in ('passed', 'accepted'), false)" if verdicts else 'files.load_id <= ' ~ var('checked_after_load') }} as counts_as_usual
    from (
        select
            load_id,
            {{ extract | join(" || '.' || ") }} as table_name,
            {{ extract | join(" || '.' || ") }} || coalesce('@' || instance, '') as series,
            path,
            loaded,
            landed_at,
            dense_rank() over (partition by {{ extract | join(', ') }}, path order by coalesce(retried_load, load_id) desc) = 1 as is_newest
        from {{ ledger }}
    ) as files
    {%- if verdicts %}
    left join {{ verdicts }} as verdicts on files.load_id = verdicts.load_id
    {%- endif %}
    {%- endif -%}
{% endmacro %}


{#- What the extracts of this project's own form list, by the columns that refer to it. -#}
{% macro listed_references() %}
    {%- set homes = [
        ['client_id', 'reference', 'clients'], ['site_id', 'reference', 'sites'], ['team_id', 'reference', 'teams'],
        ['queue_id', 'reference', 'queues'], ['reason_code', 'reference', 'contact_reasons'], ['agent_id', 'wfm', 'agents']
    ] -%}
    {%- for key, source_name, table_name in homes %}
    select distinct
        '{{ key }}' as column_name,
        {{ key }} as landed_value
    from ({{ extract(source_name, table_name) }}) as listed_{{ table_name }}
    where {{ key }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}


{% macro numbers_below(limit) -%}
    select tens.number * 10 + ones.number as number
    from (values {% for number in range(limit // 10) %}({{ number }}){{ ', ' if not loop.last }}{% endfor %}) as tens (number)
    cross join (values {% for number in range(10) %}({{ number }}){{ ', ' if not loop.last }}{% endfor %}) as ones (number)
{%- endmacro %}


{% macro listed_values(source_name, table_name) %}
    {%- set rows = extract(source_name, table_name) -%}
    {%- set declaration = extract_declaration(source_name, table_name) if execute else {'columns': {}} -%}
    {%- set checked -%}
        _load_id > {{ var('checked_after_load') }}
        and _load_id in (select load_id from loads where is_checked and table_name = '{{ source_name }}.{{ table_name }}')
    {%- endset -%}
    {#- Values that are not listed are shown, so those of persons are left out. -#}
    {%- for name, column in declaration.columns.items() if column.config.meta.get('values') and not column.config.meta.get('personal') -%}
    {%- set key = declaration.config.meta.key | join(', ') -%}
    {%- set listed -%}
        ({% for value in column.config.meta['values'] %}{{ text_literal(value) }}{{ ', ' if not loop.last }}{% endfor %})
    {%- endset -%}
    select
        '{{ source_name }}.{{ table_name }}' as table_name,
        '{{ name }}' as column_name,
        {{ name }} as landed_value,
        count(*) as row_count,
        1 as is_listed
    from ({{ rows }}) as versions
    where {{ checked }}
        and {{ name }} in {{ listed }}
    group by {{ name }}
    union all
    select
        '{{ source_name }}.{{ table_name }}' as table_name,
        '{{ name }}' as column_name,
        {{ name }} as landed_value,
        count(*) as row_count,
        0 as is_listed
    from (
        select
            _load_id,
            {{ name }},
            max(_load_id) over (partition by {{ key }}) as last_load_id
        from ({{ rows }}) as versions
        where ({{ key }}) in (
            select {{ key }}
            from ({{ rows }}) as unlisted
            where {{ checked }}
                and {{ name }} not in {{ listed }}
        )
    ) as versions
    where {{ checked }}
        and {{ name }} not in {{ listed }}
        and _load_id = last_load_id
    group by {{ name }}
    union all
    {% endfor -%}
{% endmacro %}


{% macro newest_event(source_name, table_name) %}
    {%- set rows = extract(source_name, table_name) -%}
    {%- set events = [] -%}
    {#- The times left out say when a record was written or takes effect, not when something happened. -#}
    {%- for name, column in (extract_declaration(source_name, table_name).columns if execute else {}).items()
        if column.config.meta.get('required') and column.data_type == 'timestamp'
        and name not in ['updated_at', 'published_at', 'effective_from'] -%}
        {%- do events.append(name) -%}
    {%- endfor -%}
    select
        '{{ source_name }}.{{ table_name }}' as table_name,
        cast({{ text_literal(events[0]) if events else 'null' }} as {{ dbt.type_string() }}) as event_column,
        {% if events -%}
        max({{ events[0] }}) as newest_event
    from ({{ rows }}) as versions
        {%- else -%}
        cast(null as timestamp) as newest_event
        {%- endif %}
{% endmacro %}
