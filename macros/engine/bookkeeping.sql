{% macro create_bookkeeping() %}
    {%- set text = dbt.type_string() -%}
    {%- for table, columns, partitions in [
        ('runs', {'run': 'bigint', 'load_id': 'bigint', 'settings': text, 'tests': text, 'as_of_setting': text}, 'run'),
        ('marks', {
            'model': text, 'run': 'bigint', 'rebuilt_because': text, 'small_inputs': text, 'as_of': 'timestamp', 'rebuilt_in': 'bigint'
        }, 'model'),
        ('changes', {'model': text, 'run': 'bigint', 'name': text, 'value': text}, 'model, run'),
        ('tested', {'run': 'bigint', 'project': text}, 'run'),
    ] -%}
        {%- do create_bookkeeping_table('incremental.' ~ table, columns, partitions) -%}
    {%- endfor -%}
{% endmacro %}


{% macro create_bookkeeping_table(table, columns, partitions) %}
    {{- return(adapter.dispatch('create_bookkeeping_table', 'contact_centre_warehouse')(table, columns, partitions)) -}}
{% endmacro %}

{% macro duckdb__create_bookkeeping_table(table, columns, partitions) %}
    {%- do run_query('create table if not exists ' ~ table ~ ' (' ~ columns.items() | map('join', ' ') | join(', ') ~ ')') -%}
    {%- for name, data_type in columns.items() -%}
        {#- What an earlier version created may have fewer. -#}
        {%- do run_query('alter table ' ~ table ~ ' add column if not exists ' ~ name ~ ' ' ~ data_type) -%}
    {%- endfor -%}
{% endmacro %}

{% macro spark__create_bookkeeping_table(table, columns, partitions) %}
    {%- do run_query(
        'create table if not exists ' ~ table ~ ' (' ~ columns.items() | map('join', ' ') | join(', ') ~ ')'
        ~ ' using parquet partitioned by (' ~ partitions ~ ')'
    ) -%}
{% endmacro %}


{% macro noted(table, rows, replaces=none) %}
    {{- return(adapter.dispatch('noted', 'contact_centre_warehouse')(table, rows, replaces)) -}}
{% endmacro %}

{% macro duckdb__noted(table, rows, replaces) -%}
    {%- if replaces -%}
    delete from incremental.{{ table }}
    where {{ replaces }};
    {% endif -%}
    insert into incremental.{{ table }} by name
    {{ rows }}
{%- endmacro %}

{% macro spark__noted(table, rows, replaces) -%}
    {#- Models write at the same time: each has partitions of its own, and appending to one folder would lose rows. -#}
    insert overwrite incremental.{{ table }} by name
    {{ rows }}
{%- endmacro %}


{% macro forget_earlier_runs() %}
    {{- return(adapter.dispatch('forget_earlier_runs', 'contact_centre_warehouse')()) -}}
{% endmacro %}

{% macro duckdb__forget_earlier_runs() %}
    {%- for table in ['changes', 'tested'] -%}
        {%- do run_query('delete from incremental.' ~ table ~ ' where run < ' ~ this_run()) -%}
    {%- endfor -%}
{% endmacro %}

{% macro spark__forget_earlier_runs() %}
    {%- do run_query('drop table incremental.changes') -%}
    {%- for table in ['runs', 'tested'] -%}
        {%- for partition in run_query('show partitions incremental.' ~ table).columns[0].values() if partition != 'run=' ~ this_run() -%}
            {%- do run_query('alter table incremental.' ~ table ~ ' drop partition (' ~ partition ~ ')') -%}
        {%- endfor -%}
    {%- endfor -%}
{% endmacro %}


{% macro working_table(name) %}
    {{- return(adapter.dispatch('working_table', 'contact_centre_warehouse')(name)) -}}
{% endmacro %}

{% macro duckdb__working_table(name) %}
    {{- return(name ~ '_' ~ model.name) -}}
{% endmacro %}

{% macro spark__working_table(name) %}
    {{- return('incremental.' ~ name ~ '_' ~ model.name) -}}
{% endmacro %}


{% macro make_working_table(table, rows) %}
    {{- return(adapter.dispatch('make_working_table', 'contact_centre_warehouse')(table, rows)) -}}
{% endmacro %}

{% macro duckdb__make_working_table(table, rows) %}
    {%- do run_query('create or replace temporary table ' ~ table ~ ' as ' ~ rows) -%}
{% endmacro %}

{% macro spark__make_working_table(table, rows) %}
    {%- do run_query('drop table if exists ' ~ table) -%}
    {%- do run_query('create table ' ~ table ~ ' using parquet as ' ~ rows) -%}
{% endmacro %}


{% macro checksum(alias) %}
    {{- return(adapter.dispatch('checksum', 'contact_centre_warehouse')(alias)) -}}
{% endmacro %}

{% macro duckdb__checksum(alias) -%}
    cast(coalesce(sum(cast(hash({{ alias }}) as hugeint)), 0) as varchar)
{%- endmacro %}

{% macro spark__checksum(alias) -%}
    cast(coalesce(sum(cast(xxhash64({{ alias }}.*) as decimal(38, 0))), 0) as string)
{%- endmacro %}
