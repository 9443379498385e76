{% test legal_extract(model, source_name, table_name) %}
    {%- set conditions = [] -%}
    {%- for column in (extract_columns(source_name, table_name) if execute else []) -%}
        {%- if column.meta.get('required') -%}
            {%- do conditions.append(column.name ~ ' is null') -%}
        {%- endif -%}
        {%- if 'values' in column.meta -%}
            {%- do conditions.append(column.name ~ " not in ('" ~ column.meta['values'] | join("', '") ~ "')") -%}
        {%- endif -%}
        {%- for rule, operator in {'min': '<', 'max': '>', 'greater_than': '<='}.items() if rule in column.meta -%}
            {%- do conditions.append(column.name ~ ' ' ~ operator ~ ' ' ~ column.meta[rule]) -%}
        {%- endfor -%}
    {%- endfor -%}
    select *
    from {{ model }}
    where
        {{ rows_to_test(model) }}
        and ({{ conditions | join('\n        or ') if conditions else '1 = 0' }})
{% endtest %}
