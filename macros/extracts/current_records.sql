{% macro current_records(source_name, table_name, only='1 = 1') %}
    {%- set declaration = extract_declaration(source_name, table_name) if execute else none -%}
    {%- set key = key_of_records(declaration) if execute else 'key' -%}
    {%- set written = versions_by(declaration) if execute else [] -%}
    {%- set ends_last = declaration.config.meta.lasts[1] if execute and declaration.config.meta.lasts else none -%}
    {%- set counts = is_version(declaration) if execute else '1 = 1' -%}
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
                    order by
                        {%- for column in written %}
                        {{ column }} desc,
                        {%- endfor %}
                        {%- if ends_last %}
                        coalesce(case when not coalesce(is_deleted, false) then {{ ends_last }} end, cast('9999-12-31' as timestamp)) desc,
                        {%- endif %}
                        {%- if execute and declaration.config.meta.lines %}
                        _load_id,
                        _line
                        {%- else %}
                        _load_id desc,
                        _line desc
                        {%- endif %}
                ) as rank_from_newest
            from (
                {{ extract(source_name, table_name) | indent(16) }}
            ) as ranked_versions
            where {{ only }}
                and {{ counts }}
                and ({{ key }}) in (
                select {{ key }}
                from (
                    {{ extract(source_name, table_name) | indent(20) }}
                ) as counted_versions
                where {{ only }}
                    and {{ counts }}
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
        and {{ counts }}
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


{% macro is_version(declaration) -%}
    {%- set lasts = declaration.config.meta.lasts -%}
    {%- if lasts -%}
    ({{ lasts[1] }} is null or {{ lasts[1] }} > {{ lasts[0] }} or coalesce(is_deleted, false))
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}


{% macro versions_by(declaration) %}
    {{- return(declaration.config.meta.versions_by or (['updated_at'] if 'updated_at' in declaration.columns else [])) -}}
{% endmacro %}
