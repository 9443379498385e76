-- What an agent's month is judged by. A KPI without an attainment leaves, and the others share its weight, so that a scorecard is out
-- of 100 whatever is known. No rank: where intervals overlap, chance ranks (SCO-5).
-- depends_on: {{ ref('int_scorecards__broken_rules') }}
with

judged as (

    select * from {{ ref('int_scorecards__judged') }}

),

comparisons as (

    select * from {{ ref('int_scorecards__comparisons') }}

),

weighted as (

    select
        *,
        case
            when attainment is null then 0
            else 100 * weight / sum(case when attainment is not null then weight end) over (partition by agent_id, month)
        end as effective_weight
    from judged

),

final as (

    select
        weighted.agent_id,
        weighted.kpi,
        weighted.role,
        weighted.month,
        weighted.weight,
        weighted.effective_weight,
        weighted.value,
        weighted.target,
        weighted.sample_size,
        weighted.ci_low,
        weighted.ci_high,
        weighted.months_used,
        weighted.attainment,
        weighted.verdict,
        comparisons.agents_clearly_better,
        comparisons.agents_clearly_worse,
        sum(weighted.effective_weight * weighted.attainment) over (partition by weighted.agent_id, weighted.month) as score
    from weighted
    left join comparisons
        on
            weighted.agent_id = comparisons.agent_id
            and weighted.month = comparisons.month
            and weighted.kpi = comparisons.kpi

)

select * from final
