-- The loads whose rows count to a day. A load that brings the day once more stands for the whole of it, else the one that brought most of
-- it is the day's own. What came later than that, and than a day after the day's end, is late: days before had not waited for it either.
{% set open_share = 0.5 %}
{% set late_share = 0.1 %}
with

slices as (

    select * from {{ ref('int_checks__load_slices') }}

),

ranked as (

    select
        *,
        new_rows + is_whole * rows_again as rows_of_day,
        row_number() over (
            partition by series, day_number
            order by is_whole desc, case when is_whole = 1 then load_id end desc, new_rows desc, load_id asc
        ) as rank_of_load
    from slices

),

-- A day is judged once it is over; the newest of a load of several days may be half a day.
own as (

    select
        *,
        case
            when load_day is null then false
            when landed_at < {{ dbt.dateadd('day', 1, 'cast(load_day as timestamp)') }} then true
            else day_number = newest_day_number and rows_of_day < {{ open_share }} * rows_of_load
        end as is_open
    from ranked
    where rank_of_load = 1

),

final as (

    select
        ranked.table_name,
        ranked.series,
        ranked.day_number,
        ranked.load_day,
        ranked.load_id,
        ranked.is_checked,
        own.is_open,
        case when ranked.load_id = own.load_id then 1 else 0 end as is_own,
        case when ranked.load_id = own.load_id then own.is_whole else 0 end as is_whole,
        case
            when ranked.load_id <= own.load_id then 1
            when ranked.landed_at <= {{ dbt.dateadd('day', 2, 'cast(ranked.load_day as timestamp)') }} then 1
            else 0
        end as is_prompt,
        case when ranked.new_rows >= {{ late_share }} * own.rows_of_day then 1 else 0 end as brings_many
    from ranked
    inner join own
        on
            ranked.series = own.series
            and ranked.day_number = own.day_number
    where
        ranked.load_id = own.load_id
        or own.is_whole = 0
        or ranked.load_id > own.load_id

)

select * from final
