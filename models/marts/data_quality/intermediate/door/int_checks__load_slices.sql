-- The rows of a load that are of one day, new ones and those that came before. A load that brings most of what was known of a day once
-- more brings the whole day. What neither passed, nor was accepted, nor is checked now is compared with nothing.
{{ config(materialized='view') }}
{% set whole_share = 0.5 %}
with

counts as (

    select * from {{ ref('int_checks__load_counts') }}
    where measure = 'rows'

),

loads as (

    {{ landed_loads() }}

),

-- An extract that is not expected daily is compared by load: its loads are numbered as if they were days.
numbered as (

    select
        counts.*,
        loads.series,
        loads.is_checked,
        loads.landed_at,
        loads.is_checked or loads.counts_as_usual as is_compared,
        case
            when counts.load_day is null then dense_rank() over (partition by loads.series, counts.load_day order by counts.load_id)
            else {{ dbt.datediff("cast('1990-01-01' as date)", 'counts.load_day', 'day') }}
        end as day_number
    from counts
    inner join loads on counts.load_id = loads.load_id

),

sliced as (

    select
        table_name,
        series,
        day_number,
        load_day,
        load_id,
        is_checked,
        is_compared,
        landed_at,
        sum(case when is_again = 0 then row_count else 0 end) as new_rows,
        sum(case when is_again = 1 then row_count else 0 end) as rows_again,
        sum(sum(row_count)) over (partition by load_id) as rows_of_load,
        max(day_number) over (partition by load_id) as newest_day_number
    from numbered
    group by 1, 2, 3, 4, 5, 6, 7, 8

),

known_before as (

    select
        *,
        sum(new_rows) over (
            partition by series, day_number
            order by load_id
            rows between unbounded preceding and 1 preceding
        ) as known_rows
    from sliced

),

final as (

    select
        table_name,
        series,
        load_id,
        load_day,
        landed_at,
        is_checked,
        cast(day_number as {{ dbt.type_bigint() }}) as day_number,
        cast(newest_day_number as {{ dbt.type_bigint() }}) as newest_day_number,
        cast(new_rows as {{ dbt.type_bigint() }}) as new_rows,
        cast(rows_again as {{ dbt.type_bigint() }}) as rows_again,
        cast(rows_of_load as {{ dbt.type_bigint() }}) as rows_of_load,
        case
            when rows_again > 0 and rows_again >= {{ whole_share }} * known_rows then 1
            else 0
        end as is_whole
    from known_before
    where is_compared

)

select * from final
