{% macro extract_hours(source_name, table_name) %}
    {%- set declaration = extract_declaration(source_name, table_name) if execute else {'columns': {}, 'config': {'meta': {}}} -%}
    {%- set event = (declaration.config.meta.get('events') or ['_load_id']) | first -%}
    {%- set is_day = execute and declaration.columns[event].data_type == 'date' -%}
    {%- set instant = 'cast(' ~ event ~ ' as timestamp)' -%}
    select
        '{{ source_name }}' as source,
        '{{ table_name }}' as table_name,
        {{ 24 if is_day else 1 }} as unit_hours,
        {{ hours_since_a_monday(instant if is_day else utc_to_local(instant, "'" ~ reporting_timezone() ~ "'"), 24 if is_day else 1) }} as unit_number,
        count(*) as landed
    from (
        {{ extract(source_name, table_name) | indent(8) }}
    ) as versions
    where {{ event }} is not null
    group by 4
{% endmacro %}


{% macro extracts_with_events() %}
    {%- set found = [] -%}
    {#- While dbt parses, all of them: that is how it learns what the model reads. -#}
    {%- for source_name, table_name in enabled_extracts()
        if not execute or extract_declaration(source_name, table_name).config.meta.get('events') -%}
        {%- do found.append([source_name, table_name]) -%}
    {%- endfor -%}
    {{- return(found) -}}
{% endmacro %}


{% macro hours_since_a_monday(local_time, unit_hours=1) -%}
    cast(floor({{ seconds_between("cast('1900-01-01 00:00:00' as timestamp)", local_time) }} / {{ 3600 * unit_hours }}) as {{ dbt.type_bigint() }})
{%- endmacro %}


{% macro time_of_hour(hours) -%}
    {#- In days and hours: the seconds since 1900 are more than an integer holds. -#}
    {%- set days = 'cast(floor(' ~ hours ~ ' / 24) as ' ~ dbt.type_int() ~ ')' -%}
    {{ dbt.dateadd('hour', hours ~ ' % 24', dbt.dateadd('day', days, "cast('1900-01-01 00:00:00' as timestamp)")) }}
{%- endmacro %}
