{% macro current_records(source_name, table_name, only='1 = 1') %}
    {%- set declaration = extract_declaration(source_name, table_name) if execute else none -%}
    {%- set key = key_of_records(declaration) if execute else 'key' -%}
    {%- set has_updated_at = execute and 'updated_at' in declaration.columns -%}
    {#- Few records have several versions: only those are ranked, and what lost is left out of the rest, which streams by. -#}
    select
        {%- for column in (declaration.columns if execute else []) %}
        versions.{{ column }}{{ ',' if not loop.last }}
        {%- else %}
        versions.*
        {%- endfor %}
    from (
        {{ extract(source_name, table_name) | indent(8) }}
    ) as versions
    left join (
        select
            _load_id,
            _line
        from (
            select
                _load_id,
                _line,
                row_number() over (
                    partition by {{ key }}
                    order by {{ 'updated_at desc, ' if has_updated_at }}_load_id desc, _line desc
                ) as rank_from_newest
            from (
                {{ extract(source_name, table_name) | indent(16) }}
            ) as ranked_versions
            where {{ only }}
                and ({{ key }}) in (
                select {{ key }}
                from (
                    {{ extract(source_name, table_name) | indent(20) }}
                ) as counted_versions
                where {{ only }}
                group by {{ key }}
                having count(*) > 1
            )
        ) as ranks
        where rank_from_newest > 1
    ) as superseded
        on
            versions._load_id = superseded._load_id
            and versions._line = superseded._line
    where {{ only }}
        and superseded._line is null
        and not coalesce(versions.is_deleted, false)
{%- endmacro %}


{% macro key_of_records(declaration) %}
    {%- set parts = [] -%}
    {%- for name in declaration.config.meta.key -%}
        {#- A part that may be empty becomes text, for null equals nothing. -#}
        {%- do parts.append(
            "coalesce(cast(" ~ name ~ " as " ~ dbt.type_string() ~ "), '')"
            if declaration.columns[name].config.meta.is_optional_in_key else name
        ) -%}
    {%- endfor -%}
    {{- return(parts | join(', ')) -}}
{% endmacro %}
