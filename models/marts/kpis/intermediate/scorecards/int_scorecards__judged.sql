-- A KPI of a scorecard against its target: how much of it is attained, up to 125 %, and whether chance allows a verdict; without an
-- interval, whether the difference shows (SCO-8). What may not be shown or has no target above 0 attains nothing, not 0.
with

sums as (

    select * from {{ ref('int_scorecards__sums') }}

),

catalog as (

    select * from {{ ref('kpi_catalog') }}

),

measured as (

    select
        sums.*,
        catalog.direction,
        catalog.unit,
        catalog.scale * sums.numerator / sums.denominator as value,
        {{ kpi_bound('lower', 'sums.numerator', 'sums.denominator', 'sums.sum_of_squares') }} as ci_low,
        {{ kpi_bound('upper', 'sums.numerator', 'sums.denominator', 'sums.sum_of_squares') }} as ci_high,
        coalesce(sums.sample_size < catalog.minimum_sample, true) as is_low_sample,
        coalesce(sums.sample_size < catalog.suppress_below, true) as is_suppressed
    from sums
    inner join catalog on sums.kpi = catalog.kpi

),

shown as (

    select
        agent_id,
        role,
        month,
        kpi,
        weight,
        direction,
        unit,
        target,
        months_used,
        {% for column in ['value', 'sample_size', 'ci_low', 'ci_high'] %}
        case when not is_suppressed then {{ column }} end as {{ column }},
        {% endfor %}
        is_low_sample
    from measured

),

final as (

    select
        agent_id,
        role,
        month,
        kpi,
        weight,
        direction,
        value,
        target,
        months_used,
        sample_size,
        ci_low,
        ci_high,
        case
            when value is null or target is null or target <= 0 then null
            when direction = 'higher' then least(greatest(value / target, 0), 1.25)
            when value <= 0 then 1.25
            else least(target / value, 1.25)
        end as attainment,
        case
            when value is null or target is null then null
            when is_low_sample then 'inconclusive'
            when ci_low is null and {{ as_shown('value', 'unit') }} = {{ as_shown('target', 'unit') }} then 'inconclusive'
            when direction = 'higher' and coalesce(ci_low, value) > target then 'above'
            when direction = 'higher' and coalesce(ci_high, value) < target then 'below'
            when direction = 'lower' and coalesce(ci_high, value) < target then 'above'
            when direction = 'lower' and coalesce(ci_low, value) > target then 'below'
            else 'inconclusive'
        end as verdict
    from shown

)

select * from final
