{% test legal_extract(model, source_name, table_name) %}
    {%- set declaration = extract_declaration(source_name, table_name) if execute else none -%}
    {%- set key = declaration.config.meta.key if execute else ['key'] -%}
    {%- set conditions = [] -%}
    {%- for column in (extract_columns(source_name, table_name) if execute else []) -%}
        {%- if column.meta.get('required') or (column.name in key and not column.meta.get('is_optional_in_key')) -%}
            {%- do conditions.append(column.name ~ ' is null') -%}
        {%- endif -%}
        {%- if 'values' in column.meta -%}
            {%- do conditions.append(column.name ~ " not in ('" ~ column.meta['values'] | join("', '") ~ "')") -%}
        {%- endif -%}
        {%- for rule, operator in {'min': '<', 'max': '>', 'greater_than': '<='}.items() if rule in column.meta -%}
            {%- do conditions.append(column.name ~ ' ' ~ operator ~ ' ' ~ column.meta[rule]) -%}
        {%- endfor -%}
    {%- endfor -%}
    select 'a value is not legal' as problem
    from {{ model }}
    where
        {{ rows_to_test(model) }}
        and ({{ conditions | join('\n        or ') }})
    union all
    select 'several rows share the key' as problem
    from {{ model }}
    where {{ rows_to_test(model) }}
    group by {{ key | join(', ') }}
    having count(*) > 1
{% endtest %}
