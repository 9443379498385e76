-- What an agent's month is judged by. A KPI without an attainment leaves, and the others share its weight, so that a scorecard is out
-- of 100 whatever is known. No rank: where intervals overlap, chance ranks.
-- depends_on: {{ ref('int_scorecards__broken_rules') }}
with

judged as (

    select * from {{ ref('int_scorecards__judged') }}

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
        agent_id,
        kpi,
        role,
        month,
        weight,
        effective_weight,
        value,
        target,
        sample_size,
        ci_low,
        ci_high,
        months_used,
        attainment,
        verdict,
        sum(effective_weight * attainment) over (partition by agent_id, month) as score
    from weighted

)

select * from final
