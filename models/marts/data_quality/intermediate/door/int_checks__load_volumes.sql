-- Rows of each checked load, beside what is usual: the median of the eight loads of its extract and system before it, once there are three.
{% set trailing_loads = 8 %}
{% set minimum_trailing_loads = 3 %}
with

loads as (

    {{ landed_loads() }}

),

usual as (

    select
        loads.series,
        loads.load_id,
        median(earlier.loaded) as usual_rows
    from loads
    inner join loads as earlier
        on
            loads.series = earlier.series
            and loads.load_number - {{ trailing_loads }} <= earlier.load_number
            and loads.load_number > earlier.load_number
    where loads.is_checked
    group by loads.series, loads.load_id
    having count(*) >= {{ minimum_trailing_loads }}

),

final as (

    select
        loads.table_name,
        cast(loads.load_id as {{ dbt.type_string() }}) as item,
        loads.path,
        loads.loaded,
        cast(usual.usual_rows as double) as usual_rows,
        cast(loads.loaded / nullif(usual.usual_rows, 0) as double) as ratio
    from loads
    left join usual
        on
            loads.series = usual.series
            and loads.load_id = usual.load_id
    where
        loads.is_checked
        and loads.series is not null

)

select * from final
