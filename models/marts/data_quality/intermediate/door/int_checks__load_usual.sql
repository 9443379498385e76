-- What is usual for each checked load, beside what it brought: of its rows, and of each column's values, sizes and hours. Usual is what
-- the eight days of the same weekday before it had, from loads that passed or were accepted; how far days depart from it is measured too.
-- An extract that is not expected daily is compared by load. People are only looked at as new or unknown: who works is no matter of a load.
{% set same_weekdays = 8 %}
{% set days_of_spread = 56 %}
{% set recent_days = 3 %}
{% set days_read = 120 %}
{% set whole_share = 0.5 %}
{% set late_share = 0.1 %}
{% set first_days = 7 %}
{% set people = ['agent_id', 'agent_name', 'supervisor'] %}
{% set matured_share = 0.05 %}
with

loads as (

    {{ landed_loads() }}

),

load_counts as (

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
    from {{ ref('int_checks__load_counts') }} as counts
    inner join loads on counts.load_id = loads.load_id

),

-- The rows of a load that are of one day.
slices as (

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
        max(day_number) over (partition by load_id) as newest_position_of_load
    from load_counts
    where measure = 'rows'
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
    from slices

),

sized as (

    select
        *,
        case
            when rows_again > 0 and rows_again >= {{ whole_share }} * known_rows then 1
            else 0
        end as is_whole
    from known_before

),

-- A load that brings a day's rows once more stands for the whole day; else the one that brought most of them is the day's own.
ranked as (

    select
        *,
        row_number() over (
            partition by series, day_number
            order by is_whole desc, case when is_whole = 1 then load_id end desc, new_rows desc, load_id asc
        ) as rank_of_load
    from sized
    where is_compared

),

-- A day is judged once it is over; the newest of a load of several days may be half a day.
days as (

    select
        *,
        new_rows + is_whole * rows_again as rows_of_day,
        case
            when load_day is null then false
            when landed_at < {{ dbt.dateadd('day', 1, 'cast(load_day as timestamp)') }} then true
            else day_number = newest_position_of_load and new_rows + is_whole * rows_again < {{ whole_share }} * rows_of_load
        end as is_open
    from ranked
    where rank_of_load = 1

),

-- What came later than the day's own load, and than a day after its end, is late: days before had not waited for it either.
standing as (

    select
        ranked.series,
        ranked.day_number,
        ranked.load_id,
        case when ranked.load_id = days.load_id then days.is_whole else 0 end as is_whole,
        case
            when ranked.load_id <= days.load_id then 1
            when ranked.landed_at <= {{ dbt.dateadd('day', 2, 'cast(ranked.load_day as timestamp)') }} then 1
            else 0
        end as is_prompt,
        case when ranked.is_checked and ranked.new_rows >= {{ late_share }} * days.rows_of_day then ranked.load_id end as load_with_many
    from ranked
    inner join days
        on
            ranked.series = days.series
            and ranked.day_number = days.day_number
    where
        ranked.load_id = days.load_id
        or days.is_whole = 0
        or ranked.load_id > days.load_id

),

last_loads as (

    select
        series,
        day_number,
        max(load_with_many) as load_id
    from standing
    group by 1, 2

),

spans as (

    select
        table_name,
        series,
        max(case when load_day is null then 0 else 1 end) as is_daily,
        min(day_number) as first_position,
        max(day_number) as last_position,
        max(case when is_checked then day_number end) as last_checked_position,
        min(case when is_checked then day_number end) as first_checked_position
    from days
    group by 1, 2

),

numbers as (

    select cast(number as {{ dbt.type_bigint() }}) as number
    from ({{ numbers_below(240) }}) as numbers

),

calendar as (

    select
        spans.table_name,
        spans.series,
        spans.is_daily,
        spans.first_position,
        spans.last_position - numbers.number as day_number
    from spans
    cross join numbers
    where spans.last_position - numbers.number >= greatest(spans.first_position, spans.first_checked_position - {{ days_read }})

),

occasions as (

    select
        calendar.table_name,
        calendar.series,
        calendar.day_number,
        coalesce(last_loads.load_id, days.load_id) as last_load_id,
        calendar.day_number - calendar.first_position as earlier_positions,
        case when calendar.is_daily = 1 then mod(calendar.day_number, 7) else 0 end as weekday_number,
        case
            when calendar.is_daily = 1
                then cast({{ dbt.dateadd('day', 'cast(calendar.day_number as integer)', "cast('1990-01-01' as date)") }} as date)
        end as load_day,
        case
            when days.load_id is null or days.is_open
                then {{ next_not_null('days.load_id', 'partition by calendar.series order by calendar.day_number') }}
            else days.load_id
        end as load_id
    from calendar
    left join days
        on
            calendar.series = days.series
            and calendar.day_number = days.day_number
    left join last_loads
        on
            calendar.series = last_loads.series
            and calendar.day_number = last_loads.day_number

),

standing_counts as (

    select
        load_counts.series,
        load_counts.day_number,
        load_counts.measure,
        load_counts.column_name,
        load_counts.landed_value,
        sum(standing.is_prompt * load_counts.row_count) as row_count,
        sum(load_counts.row_count) as row_count_so_far
    from load_counts
    inner join standing
        on
            load_counts.series = standing.series
            and load_counts.day_number = standing.day_number
            and load_counts.load_id = standing.load_id
    inner join occasions
        on
            load_counts.series = occasions.series
            and load_counts.day_number = occasions.day_number
    where
        load_counts.is_again = 0
        or standing.is_whole = 1
    group by 1, 2, 3, 4, 5

),

-- Records that were changed later than their day show what a day can't show when it comes.
matured as (

    select
        series,
        day_number
    from standing_counts
    where measure = 'late'
    group by 1, 2
    having sum(case when landed_value = 'yes' then row_count else 0 end) > {{ matured_share }} * sum(row_count)

),

comparable as (

    select standing_counts.*
    from standing_counts
    left join matured
        on
            standing_counts.series = matured.series
            and standing_counts.day_number = matured.day_number
    where
        matured.series is null
        or standing_counts.measure in ('hour', 'twin')

),

totals as (

    select
        series,
        day_number,
        measure,
        column_name,
        sum(row_count) as all_rows,
        sum(case when landed_value is not null then row_count else 0 end) as filled_rows
    from comparable
    where measure not in ('rows', 'late', 'twin')
    group by 1, 2, 3, 4

),

seen as (

    select
        series,
        measure,
        column_name,
        landed_value,
        min(day_number) as first_position
    from comparable
    where landed_value is not null
    group by 1, 2, 3, 4

),

spread_out as (

    select
        totals.series,
        totals.day_number,
        totals.measure,
        totals.column_name,
        seen.landed_value,
        seen.first_position,
        totals.filled_rows,
        coalesce(comparable.row_count, 0) as row_count
    from totals
    inner join seen
        on
            totals.series = seen.series
            and totals.measure = seen.measure
            and totals.column_name = seen.column_name
    left join comparable
        on
            totals.series = comparable.series
            and totals.day_number = comparable.day_number
            and totals.measure = comparable.measure
            and totals.column_name = comparable.column_name
            and seen.landed_value = comparable.landed_value

),

listed as (

    {{ listed_references() }}

),

known_columns as (

    select
        column_name,
        min(landed_value) as any_value
    from listed
    group by 1

),

observed as (

    select
        comparable.series,
        comparable.day_number,
        'rows' as measure,
        '' as column_name,
        '' as landed_value,
        sum(comparable.row_count) as hits,
        cast(null as {{ dbt.type_bigint() }}) as total
    from comparable
    where comparable.measure = 'rows'
    group by 1, 2
    union all
    select
        series,
        day_number,
        'rows so far' as measure,
        '' as column_name,
        '' as landed_value,
        sum(row_count_so_far) as hits,
        cast(null as {{ dbt.type_bigint() }}) as total
    from standing_counts
    where measure = 'rows'
    group by 1, 2
    union all
    select
        series,
        day_number,
        measure,
        column_name,
        '' as landed_value,
        sum(case when landed_value = 'yes' then row_count_so_far else 0 end) as hits,
        sum(row_count_so_far) as total
    from standing_counts
    where measure = 'twin'
    group by 1, 2, 3, 4
    union all
    select
        series,
        day_number,
        case when measure = 'ended' then 'ended' else 'filled' end as measure,
        column_name,
        '' as landed_value,
        filled_rows as hits,
        all_rows as total
    from totals
    where measure != 'identified'
    union all
    select
        series,
        day_number,
        measure,
        column_name,
        landed_value,
        row_count as hits,
        filled_rows as total
    from spread_out
    where
        measure = 'value'
        and column_name not in ('{{ people | join("', '") }}')
    union all
    select
        series,
        day_number,
        measure,
        column_name,
        '' as landed_value,
        sum(case when landed_value = 'yes' then row_count else 0 end) as hits,
        max(filled_rows) as total
    from spread_out
    where measure = 'identified'
    group by 1, 2, 3, 4
    union all
    select
        series,
        day_number,
        measure,
        column_name,
        landed_value,
        sum(row_count) over (
            partition by series, day_number, measure, column_name
            order by landed_value
            rows between unbounded preceding and current row
        ) as hits,
        filled_rows as total
    from spread_out
    where measure in ('size', 'length', 'hour')
    union all
    select
        spread_out.series,
        spread_out.day_number,
        'new' as measure,
        spread_out.column_name,
        '' as landed_value,
        sum(case when spread_out.first_position = spread_out.day_number then spread_out.row_count else 0 end) as hits,
        max(spread_out.filled_rows) as total
    from spread_out
    inner join occasions
        on
            spread_out.series = occasions.series
            and spread_out.day_number = occasions.day_number
    where
        spread_out.measure = 'value'
        and occasions.earlier_positions >= {{ first_days }}
    group by 1, 2, 4
    union all
    select
        spread_out.series,
        spread_out.day_number,
        'unknown' as measure,
        spread_out.column_name,
        '' as landed_value,
        sum(case when listed.landed_value is null then spread_out.row_count else 0 end) as hits,
        max(spread_out.filled_rows) as total
    from spread_out
    inner join known_columns on spread_out.column_name = known_columns.column_name
    left join listed
        on
            spread_out.column_name = listed.column_name
            and spread_out.landed_value = listed.landed_value
    where spread_out.measure = 'value'
    group by 1, 2, 4

),

-- A day of which nothing came has no counts, but it has rows: none.
every_day as (

    select
        occasions.table_name,
        occasions.series,
        occasions.day_number,
        occasions.load_day,
        occasions.load_id,
        occasions.weekday_number,
        'rows' as measure,
        '' as column_name,
        '' as landed_value,
        coalesce(observed.hits, 0) as hits,
        observed.total
    from occasions
    left join observed
        on
            occasions.series = observed.series
            and occasions.day_number = observed.day_number
            and observed.measure = 'rows'
    left join matured
        on
            occasions.series = matured.series
            and occasions.day_number = matured.day_number
    where matured.series is null
    union all
    select
        occasions.table_name,
        occasions.series,
        occasions.day_number,
        occasions.load_day,
        case when observed.measure in ('rows so far', 'twin') then occasions.last_load_id else occasions.load_id end as load_id,
        case when observed.measure in ('new', 'twin', 'unknown') then 0 else occasions.weekday_number end as weekday_number,
        observed.measure,
        observed.column_name,
        observed.landed_value,
        observed.hits,
        observed.total
    from observed
    inner join occasions
        on
            observed.series = occasions.series
            and observed.day_number = occasions.day_number
    where
        observed.measure = 'rows so far'
        or observed.total > 0

),

expected as (

    select
        *,
        count(*) over same_weekday as usual_days,
        case
            when total is null then avg(hits) over same_weekday
            else
                (
                    coalesce(sum(hits) over same_weekday, 0)
                    + (coalesce(sum(hits) over all_days, 0) + 0.5) / (coalesce(sum(total) over all_days, 0) + 1.0)
                ) / (coalesce(sum(total) over same_weekday, 0) + 1.0)
        end as usual,
        coalesce(sum(total) over same_weekday, 0) as usual_rows
    from every_day
    window
        same_weekday as (
            partition by series, measure, column_name, landed_value, weekday_number
            order by day_number
            rows between {{ same_weekdays }} preceding and 1 preceding
        ),
        all_days as (
            partition by series, measure, column_name, landed_value
            order by day_number
            range between {{ days_of_spread }} preceding and 1 preceding
        )

),

departures as (

    select
        *,
        case when total is null then usual else total * usual end as expected_hits,
        case
            when usual_days = 0 then null
            when total is null then (hits - usual) * (hits - usual) - usual
            else (hits - total * usual) * (hits - total * usual) - total * usual * (1 - usual)
        end as departure,
        case
            when usual_days = 0 then null
            when total is null then usual * usual
            else cast(total as double) * (total - 1) * usual * (1 - usual)
        end as departure_weight
    from expected

),

measured as (

    select
        *,
        count(departure) over history as history_days,
        sum(departure) over history / nullif(sum(departure_weight) over history, 0) as spread,
        sum(hits) over recent as recent_hits,
        sum(total) over recent as recent_total,
        sum(expected_hits) over recent as recent_expected_hits
    from departures
    window
        history as (
            partition by series, measure, column_name, landed_value
            order by day_number
            range between {{ days_of_spread }} preceding and {{ recent_days }} preceding
        ),
        recent as (
            partition by series, measure, column_name, landed_value
            order by day_number
            range between {{ recent_days - 1 }} preceding and current row
        )

),

newest as (

    select
        load_id,
        max(load_day) as load_day
    from load_counts
    group by 1

),

final as (

    select
        measured.table_name,
        measured.load_id,
        loads.path,
        measured.load_day,
        measured.measure,
        measured.column_name,
        measured.landed_value,
        cast(measured.hits as {{ dbt.type_bigint() }}) as hits,
        cast(measured.total as {{ dbt.type_bigint() }}) as total,
        cast(measured.usual as double) as usual,
        cast(measured.usual_rows as {{ dbt.type_bigint() }}) as usual_rows,
        cast(measured.spread as double) as spread,
        cast(measured.usual_days as {{ dbt.type_bigint() }}) as usual_days,
        cast(measured.history_days as {{ dbt.type_bigint() }}) as history_days,
        cast(measured.recent_hits as {{ dbt.type_bigint() }}) as recent_hits,
        cast(measured.recent_total as {{ dbt.type_bigint() }}) as recent_total,
        cast(measured.recent_expected_hits as double) as recent_expected_hits,
        case when measured.load_day < {{ dbt.dateadd('day', -7, 'newest.load_day') }} then 1 else 0 end as is_history
    from measured
    inner join loads on measured.load_id = loads.load_id
    left join newest on measured.load_id = newest.load_id
    where
        loads.is_checked
        and measured.day_number > (
            select coalesce(max(spans.last_position) - {{ measured_days() }}, 0)
            from spans
            where spans.series = measured.series
        )

)

select * from final
