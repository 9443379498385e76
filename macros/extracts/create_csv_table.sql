{% macro create_csv_table(model, agate_table) %}
    {%- if 'extracts' not in model.fqn -%}
        {{- return(adapter.dispatch('create_csv_table', 'dbt')(model, agate_table)) -}}
    {%- endif -%}
    {%- set types = {'is_deleted': 'boolean'} -%}
    {%- for column in extract_columns(model.fqn[-2], model.name) -%}
        {%- do types.update({column.name: column.type}) -%}
    {%- endfor -%}
    {%- set sql -%}
        create table {{ this.render() }} (
            {%- for name in agate_table.column_names %}
            {{ name }} {{ types[name] }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    {%- endset -%}
    {%- call statement('_') -%}{{ sql }}{%- endcall -%}
    {{- return(sql) -}}
{% endmacro %}
