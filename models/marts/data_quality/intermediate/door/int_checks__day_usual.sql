-- What is usual for a day: what the eight days of the same weekday before it had. Of new, unknown and alike rows there are too few to tell
-- weekdays apart. A usual share leans on all days of eight weeks by the weight of one row, so that it is never 0 or 1.
{{ config(materialized='view') }}
{% set same_weekdays = 8 %}
{% set days_of_all = 56 %}
with

expected_days as (

    select * from {{ ref('int_checks__expected_days') }}

),

looked_at as (

    select * from {{ ref('int_checks__day_shares') }}
    union all
    select * from {{ ref('int_checks__day_strangers') }}

),

observed as (

    select
        looked_at.*,
        case when looked_at.measure in ('new', 'twin', 'unknown') then 0 else expected_days.weekday_number end as weekday_number
    from looked_at
    inner join expected_days
        on
            looked_at.series = expected_days.series
            and looked_at.day_number = expected_days.day_number

),

before as (

    select
        *,
        count(*) over same_weekday as usual_days,
        avg(hits) over same_weekday as usual_hits,
        coalesce(sum(hits) over same_weekday, 0) as hits_of_weekday,
        coalesce(sum(total) over same_weekday, 0) as usual_rows,
        coalesce(sum(hits) over all_days, 0) as hits_of_all,
        coalesce(sum(total) over all_days, 0) as rows_of_all
    from observed
    window
        same_weekday as (
            partition by series, measure, column_name, landed_value, weekday_number
            order by day_number
            rows between {{ same_weekdays }} preceding and 1 preceding
        ),
        all_days as (
            partition by series, measure, column_name, landed_value
            order by day_number
            range between {{ days_of_all }} preceding and 1 preceding
        )

),

final as (

    select
        series,
        day_number,
        measure,
        column_name,
        landed_value,
        hits,
        total,
        usual_days,
        cast(usual_rows as {{ dbt.type_bigint() }}) as usual_rows,
        cast(
            case
                when total is null then usual_hits
                else (hits_of_weekday + (hits_of_all + 0.5) / (rows_of_all + 1.0)) / (usual_rows + 1.0)
            end as double
        ) as usual
    from before

)

select * from final
