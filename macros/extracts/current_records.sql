{% macro current_records(source_name, table_name) %}
    {%- set declaration = extract_declaration(source_name, table_name) if execute else none -%}
    {%- set key = declaration.config.meta.key | join(', ') if execute else 'key' -%}
    {%- set has_updated_at = execute and 'updated_at' in declaration.columns -%}
    select *
    from (
        select
            *,
            row_number() over (
                partition by {{ key }}
                order by {{ 'updated_at desc, ' if has_updated_at }}_load_id desc, _line desc
            ) as _version_from_newest
        from (
            {{ extract(source_name, table_name) | indent(12) }}
        ) as extract_versions
    ) as ranked_versions
    where _version_from_newest = 1
        and not coalesce(is_deleted, false)
{%- endmacro %}
