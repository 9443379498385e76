-- Hours (days, of extracts that know days only) for which nothing landed though rows were to be expected: three in four of those weekdays
-- and hours have some. A gap is a run without rows in which at least twenty were expected, in two hours or a day at least (DAQ-4).
{% set minimum_weeks = 4 %}
{% set minimum_share = 0.75 %}
{% set minimum_expected_rows = 20 %}
with

hours as (

    select * from {{ ref('int_data_quality__hours') }}

),

run as (

    select * from {{ ref('int_run__as_of') }}

),

placed as (

    select
        hours.source,
        hours.table_name,
        hours.unit_hours,
        hours.unit_number,
        hours.landed,
        cast(168 / hours.unit_hours as {{ dbt.type_bigint() }}) as week_units,
        cast(
            floor(
                {{ hours_since_a_monday(utc_to_local('run.as_of', "'" ~ reporting_timezone() ~ "'")) }} / hours.unit_hours
            ) as {{ dbt.type_bigint() }}
        ) as current_unit
    from hours
    cross join run

),

-- The hour that goes on is not over, and what lies ahead is planned.
past as (

    select * from placed
    where unit_number < current_unit

),

extents as (

    select
        source,
        table_name,
        min(unit_number) as first_unit,
        max(unit_number) as last_unit
    from past
    group by source, table_name

),

slots as (

    select
        past.source,
        past.table_name,
        past.week_units,
        past.unit_number % past.week_units as slot,
        sum(past.landed) as landed,
        count(*) as units_with_rows,
        min(
            floor((extents.last_unit - past.unit_number % past.week_units) / past.week_units)
            - floor((extents.first_unit - 1 - past.unit_number % past.week_units) / past.week_units)
        ) as units
    from past
    inner join extents
        on
            past.source = extents.source
            and past.table_name = extents.table_name
    group by past.source, past.table_name, past.week_units, past.unit_number % past.week_units

),

regular_slots as (

    select
        *,
        landed * 1e0 / units as usual_rows
    from slots
    where
        units >= {{ minimum_weeks }}
        and units_with_rows >= {{ minimum_share }} * units

),

neighbours as (

    select
        *,
        lead(unit_number) over (partition by source, table_name order by unit_number) as next_unit
    from placed

),

empty_runs as (

    select
        source,
        table_name,
        unit_hours,
        week_units,
        unit_number + 1 as first_empty,
        least(coalesce(next_unit, current_unit), current_unit) - 1 as last_empty,
        coalesce(next_unit > current_unit, true) as is_open
    from neighbours
    where
        unit_number < current_unit
        and coalesce(next_unit, current_unit) - unit_number > 1

),

first_missing as (

    select
        empty_runs.*,
        regular_slots.usual_rows,
        empty_runs.first_empty + (
            regular_slots.slot - empty_runs.first_empty % empty_runs.week_units + empty_runs.week_units
        ) % empty_runs.week_units as first_unit
    from empty_runs
    inner join regular_slots
        on
            empty_runs.source = regular_slots.source
            and empty_runs.table_name = regular_slots.table_name

),

missing as (

    select
        *,
        floor((last_empty - first_unit) / week_units) as more_weeks
    from first_missing
    where first_unit <= last_empty

),

gaps as (

    select
        source,
        table_name,
        unit_hours,
        first_empty,
        is_open,
        cast(min(first_unit) * unit_hours as {{ dbt.type_int() }}) as first_hour,
        cast((max(first_unit + more_weeks * week_units) + 1) * unit_hours as {{ dbt.type_int() }}) as end_hour,
        sum(more_weeks + 1) as units,
        sum(usual_rows * (more_weeks + 1)) as expected_rows
    from missing
    group by source, table_name, unit_hours, first_empty, is_open

),

final as (

    select
        source,
        table_name as {{ adapter.quote('table') }},
        {{ time_of_hour('first_hour') }} as gap_start,
        {{ time_of_hour('end_hour') }} as gap_end,
        cast(units * unit_hours as {{ dbt.type_bigint() }}) as missing_hours,
        cast(round(expected_rows) as {{ dbt.type_bigint() }}) as expected_rows,
        is_open
    from gaps
    where
        expected_rows >= {{ minimum_expected_rows }}
        and units >= case when unit_hours = 1 then 2 else 1 end

)

select * from final
