-- Agents of a role compared by a KPI only where chance does not blur it: one is better if the whole interval is (SCO-5). Sorted by
-- their bounds, agents that are wholly below another one have ended before it starts, those wholly above start after it ends.
with

judged as (

    select * from {{ ref('int_scorecards__judged') }}

),

bounds as (

    select
        agent_id,
        role,
        month,
        kpi,
        direction,
        ci_low as bound,
        1 as is_low,
        0 as is_high
    from judged
    where ci_low is not null
    union all
    select
        agent_id,
        role,
        month,
        kpi,
        direction,
        ci_high as bound,
        0 as is_low,
        1 as is_high
    from judged
    where ci_high is not null

),

-- Of equal bounds the lower ones come first: intervals that touch overlap.
counted as (

    select
        *,
        sum(is_high) over sorted as ended,
        sum(is_low) over (partition by role, month, kpi) - sum(is_low) over sorted as not_started
    from bounds
    window
        sorted as (
            partition by role, month, kpi
            order by bound asc, is_low desc
            rows between unbounded preceding and current row
        )

),

agents as (

    select
        agent_id,
        month,
        kpi,
        direction,
        cast(max(is_low * ended) as {{ dbt.type_bigint() }}) as agents_below,
        cast(max(is_high * not_started) as {{ dbt.type_bigint() }}) as agents_above
    from counted
    group by agent_id, month, kpi, direction

),

final as (

    select
        agent_id,
        month,
        kpi,
        case when direction = 'lower' then agents_below else agents_above end as agents_clearly_better,
        case when direction = 'lower' then agents_above else agents_below end as agents_clearly_worse
    from agents

)

select * from final
