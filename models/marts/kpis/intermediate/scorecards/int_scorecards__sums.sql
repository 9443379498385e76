{{ config(materialized='table') }}

-- What an agent did by each KPI of their scorecard in the month and the two before it; in the five before it where that is a thin sample.
-- A KPI of which nothing is known has no sums. The target is that of the last month with a value.
{%- set sums = ['numerator', 'denominator', 'sum_of_squares', 'sample_size'] %}
with

agent_months as (

    select * from {{ ref('int_scorecards__agent_months') }}

),

weights as (

    select * from {{ ref('int_scorecards__weights') }}

),

periods as (

    select * from {{ ref('int_kpi__periods') }}

),

catalog as (

    select * from {{ ref('kpi_catalog') }}

),

kpi_values as (

    select * from {{ ref('kpi_values') }}

),

values_of_months as (

    select
        periods.kpi,
        periods.level_id as agent_id,
        periods.period_start as month,
        periods.numerator,
        periods.denominator,
        periods.sum_of_squares,
        kpi_values.target,
        coalesce(periods.sample_size, periods.denominator) as sample_size
    from periods
    left join kpi_values
        on
            periods.kpi = kpi_values.kpi
            and periods.period_grain = kpi_values.period_grain
            and periods.period_start = kpi_values.period_start
            and periods.level = kpi_values.level
            and periods.level_id = kpi_values.level_id
    where
        periods.period_grain = 'month'
        and periods.level = 'agent'

),

six_months as (

    select
        agent_months.agent_id,
        agent_months.role,
        agent_months.month,
        weights.kpi,
        weights.weight,
        values_of_months.numerator,
        values_of_months.denominator,
        values_of_months.sum_of_squares,
        values_of_months.sample_size,
        values_of_months.target,
        case when values_of_months.month >= {{ dbt.dateadd('month', -2, 'agent_months.month') }} then 1 else 0 end as is_recent,
        row_number() over (
            partition by agent_months.agent_id, agent_months.month, weights.kpi
            order by values_of_months.month desc
        ) as months_back
    from agent_months
    inner join weights on agent_months.role = weights.role
    left join values_of_months
        on
            agent_months.agent_id = values_of_months.agent_id
            and weights.kpi = values_of_months.kpi
            and values_of_months.month >= {{ dbt.dateadd('month', -5, 'agent_months.month') }}
            and agent_months.month >= values_of_months.month

),

added_up as (

    select
        agent_id,
        role,
        month,
        kpi,
        {% for column in sums %}
        sum(case when is_recent = 1 then {{ column }} end) as {{ column }}_3,
        sum({{ column }}) as {{ column }}_6,
        {% endfor %}
        max(weight) as weight,
        max(case when months_back = 1 then target end) as target
    from six_months
    group by agent_id, role, month, kpi

),

chosen as (

    select
        added_up.*,
        case when coalesce(added_up.sample_size_3, 0) < catalog.minimum_sample then 6 else 3 end as months_used
    from added_up
    inner join catalog on added_up.kpi = catalog.kpi

),

final as (

    select
        agent_id,
        role,
        month,
        kpi,
        target,
        months_used,
        {% for column in sums %}
        case when months_used = 3 then {{ column }}_3 else {{ column }}_6 end as {{ column }},
        {% endfor %}
        cast(weight as double) as weight
    from chosen

)

select * from final
