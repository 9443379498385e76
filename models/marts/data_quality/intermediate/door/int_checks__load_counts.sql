-- What each load brought: rows by day and by the value, size or hour of each column. A load is measured once, when it is checked; only its
-- newest nine weeks are, since older ones are compared with nothing.
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='load_id', on_schema_change='fail') }}
with

counted as (
    -- The linter does not know grouping sets.
    {% for source_name, table_name in enabled_extracts() %}  -- noqa: PRS
    {{ load_counts(source_name, table_name) | indent(4) }}  -- noqa: PRS
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- A column of very many values is no category.
limited as (

    select
        *,
        count(*) over (partition by table_name, load_id, column_name, measure) as values_of_column
    from counted

),

pooled as (

    select
        table_name,
        load_id,
        load_day,
        is_again,
        column_name,
        measure,
        row_count,
        case when measure = 'value' and values_of_column > 20000 then '(many)' else landed_value end as landed_value
    from limited

),

final as (

    select
        table_name,
        load_id,
        load_day,
        is_again,
        column_name,
        measure,
        landed_value,
        cast(sum(row_count) as {{ dbt.type_bigint() }}) as row_count
    from pooled
    group by table_name, load_id, load_day, is_again, column_name, measure, landed_value

)

select * from final
