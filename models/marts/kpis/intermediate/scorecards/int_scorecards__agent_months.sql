-- A month of an agent in which anything of theirs is measured, with the role that they had at its end.
with

periods as (

    select * from {{ ref('int_kpi__periods') }}

),

history as (

    select * from {{ ref('int_agents__history') }}

),

measured as (

    select distinct
        level_id as agent_id,
        period_start as month,
        cast({{ dbt.dateadd('month', 1, 'period_start') }} as timestamp) as month_ends_at
    from periods
    where
        period_grain = 'month'
        and level = 'agent'

),

final as (

    select
        measured.agent_id,
        history.role,
        measured.month
    from measured
    inner join history
        on
            measured.agent_id = history.agent_id
            and measured.month_ends_at > history.valid_from
            and (measured.month_ends_at <= history.valid_to or history.valid_to is null)

)

select * from final
