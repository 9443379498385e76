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
        cast(null as {{ dbt.type_bigint() }}) as load_number
    where 1 = 0
    {%- else -%}
    {%- set extract = ['source', adapter.quote('table')] -%}
    {%- set series = "case when retried_load is null then " ~ extract | join(" || '.' || ") ~ " || coalesce('@' || instance, '') end" -%}
    {#- Rejected rows that landed later are no delivery of their own. -#}
    select
        load_id,
        {{ extract | join(" || '.' || ") }} as table_name,
        {{ series }} as series,
        path,
        loaded,
        landed_at,
        load_id > {{ var('checked_after_load') }}
        and dense_rank() over (partition by {{ extract | join(', ') }}, path order by coalesce(retried_load, load_id) desc) = 1 as is_checked,
        row_number() over (partition by {{ series }} order by load_id) as load_number
    from {{ ledger }}
    {%- endif -%}
{% endmacro %}


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
