{% macro extract_columns(source_name, table_name) %}
    {%- set types = {
        'text': 'string', 'integer': 'bigint', 'number': 'decimal(18, 6)', 'boolean': 'boolean', 'date': 'date', 'timestamp': 'timestamp'
    } -%}
    {%- set columns = [] -%}
    {%- for name, column in extract_declaration(source_name, table_name).columns.items() -%}
        {%- do columns.append({
            'name': name,
            'type': api.Column.translate_type(types[column.data_type]),
            'meta': column.config.meta,
        }) -%}
    {%- endfor -%}
    {{- return(columns) -}}
{% endmacro %}
