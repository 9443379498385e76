{% macro keep_spark_table() %}
    {%- set there = adapter.get_relation(this.database, this.schema, this.identifier) -%}
    {{ run_hooks(pre_hooks) }}
    {%- if there is none or should_full_refresh() -%}
        {%- if there is not none -%}
            {%- do adapter.drop_relation(there) -%}
        {%- endif -%}
        {%- call statement('main') -%}
            create table {{ this }}
            using parquet
            {{ 'partitioned by (stored_day)' if stored_by_day() }}
            as
            select {{ '/*+ rebalance(stored_day) */' if stored_by_day() }} * from ({{ with_day(checked(compiled_code)) }}) as rows
        {%- endcall -%}
    {%- else -%}
        {%- do replace_in_spark_table() -%}
    {%- endif -%}
    {{ run_hooks(post_hooks) }}
    {{- return({'relations': [this]}) -}}
{% endmacro %}


{% macro replace_in_spark_table() %}
    {%- set new = working_table('new') -%}
    {%- set differing_table = working_table('differing') -%}
    {%- set rows = working_table('rows') -%}
    {%- do make_working_table(new, checked(compiled_code)) -%}
    {%- do note_changes(new, differing_table) -%}
    {%- set gone = rows_that('gone', differing_table) -%}
    {%- set came = rows_that('came', differing_table) -%}
    {%- set differing -%}
        select {{ quoted_columns() }} from {{ gone }} as gone
        union all
        select {{ quoted_columns() }} from {{ came }} as came
    {%- endset -%}
    {%- set days = days_of(with_day(differing)) -%}
    {%- if days -%}
        {#- A table that is broken off while it is written has no mark, and so is rebuilt by the next run. -#}
        {%- do run_query(noted('marks', mark_of(none, false))) -%}
        {%- set rewritten -%}
            select kept.*
            from {{ this }} as kept
            left anti join ({{ differing }}) as differing on {{ same_key(config.get('unique_key'), 'kept', 'differing') }}
            {%- if stored_by_day() %}
            where {{ on_days(days) }}
            {%- endif %}
            union all
            {{ with_day('select ' ~ quoted_columns() ~ ' from ' ~ came ~ ' as came') }}
        {%- endset -%}
        {%- do make_working_table(rows, rewritten) -%}
        {%- set days_left = days_of('select * from ' ~ rows) if stored_by_day() else days -%}
        {%- for day in days if day not in days_left -%}
            {%- do run_query('alter table ' ~ this ~ ' drop if exists partition (stored_day = ' ~ day_literal(day) ~ ')') -%}
        {%- endfor -%}
        {%- call statement('main') -%}
            insert overwrite table {{ this }}
            select {{ '/*+ rebalance(stored_day) */' if stored_by_day() }} * from {{ rows }}
        {%- endcall -%}
        {%- do run_query('drop table ' ~ rows) -%}
    {%- else -%}
        {%- call noop_statement('main', 'UNCHANGED', 'UNCHANGED') -%}
            select 'no row differs'
        {%- endcall -%}
    {%- endif -%}
    {%- for table in [new, differing_table, working_table('scope_of')] -%}
        {%- do run_query('drop table if exists ' ~ table) -%}
    {%- endfor -%}
{% endmacro %}


{% macro stored_by_day() %}
    {{- return(is_kept() and day_of_row() is not none) -}}
{% endmacro %}


{% macro day_of_row() %}
    {{- return(config.get('meta').day or ('date_day' if 'date_day' in model.columns else none)) -}}
{% endmacro %}


{% macro checked(rows) -%}
    {{ get_assert_columns_equivalent(rows) }}
    {{ get_select_subquery(rows) }}
{%- endmacro %}


{% macro with_day(rows) -%}
    {%- if stored_by_day() -%}
    select
        *,
        cast(cast({{ day_of_row() }} as date) as string) as stored_day
    from ({{ rows }}) as rows
    {%- else -%}
    {{ rows }}
    {%- endif -%}
{%- endmacro %}


{% macro days_of(rows) %}
    {{- return(run_query('select distinct ' ~ ('stored_day' if stored_by_day() else '1') ~ ' as day from (' ~ rows ~ ') as rows').columns[0].values() | list) -}}
{% endmacro %}


{% macro day_literal(day) -%}
    {{ 'null' if day is none else "'" ~ day ~ "'" }}
{%- endmacro %}


{% macro on_days(days) -%}
    (
        stored_day in (
            {%- for day in days %}
            {{ day_literal(day) }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
        {{ 'or stored_day is null' if none in days }}
    )
{%- endmacro %}
