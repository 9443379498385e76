-- Every KPI for every period, level and member, with what is needed to read it right: how sure it is, whether it can still
-- change, what it should be, and whether it may be shown at all.
with

periods as (

    select * from {{ ref('int_kpi__periods') }}

),

catalog as (

    select * from {{ ref('kpi_catalog') }}

),

period_ends as (

    select * from {{ ref('int_kpi__period_ends') }}

),

targets as (

    select * from {{ ref('int_kpi__targets') }}

),

members as (

    select * from {{ ref('int_kpi__members') }}

),

run as (

    select * from {{ ref('int_run__as_of') }}

),

measured as (

    select
        periods.kpi,
        periods.period_grain,
        periods.period_start,
        periods.level,
        periods.level_id,
        coalesce(members.level_name, periods.level_id) as level_name,
        periods.numerator,
        periods.denominator,
        coalesce(periods.sample_size, periods.denominator) as sample_size,
        targets.target,
        catalog.direction,
        catalog.scale * periods.numerator / periods.denominator as value,
        {{ kpi_bound('lower', 'periods.numerator', 'periods.denominator', 'periods.sum_of_squares') }} as ci_low,
        {{ kpi_bound('upper', 'periods.numerator', 'periods.denominator', 'periods.sum_of_squares') }} as ci_high,
        coalesce({{ dbt.dateadd('hour', 'catalog.horizon_hours', 'period_ends.ended_at') }} <= run.as_of, false) as is_final,
        coalesce(periods.sample_size, periods.denominator) < catalog.minimum_sample as is_low_sample,
        coalesce(periods.sample_size, periods.denominator) < catalog.suppress_below as is_suppressed
    from periods
    inner join catalog on periods.kpi = catalog.kpi
    inner join period_ends
        on
            periods.period_grain = period_ends.period_grain
            and periods.period_start = period_ends.period_start
    left join targets
        on
            periods.kpi = targets.kpi
            and periods.level = targets.level
            and periods.level_id = targets.level_id
            and periods.period_start >= targets.valid_from
            and periods.period_start < coalesce(targets.valid_to, cast('9999-12-31' as date))
    left join members
        on
            periods.level = members.level
            and periods.level_id = members.level_id
    cross join run

),

final as (

    select
        kpi,
        period_grain,
        period_start,
        level,
        level_id,
        level_name,
        {% for column in ['numerator', 'denominator', 'value', 'sample_size', 'ci_low', 'ci_high'] %}
        case when not is_suppressed then {{ column }} end as {{ column }},
        {% endfor %}
        target,
        case
            when is_low_sample or is_suppressed or direction = 'none' then null
            when direction = 'lower' then value <= target
            else value >= target
        end as meets_target,
        is_final,
        is_low_sample,
        is_suppressed
    from measured

)

select * from final
