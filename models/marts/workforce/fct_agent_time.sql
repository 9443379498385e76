-- Seconds that an agent spent in each state on each local day, split into what the ratios of the workforce KPIs are made of. An agent's
-- day counts where its first logged-in state does.
with

agent_time as (

    select * from {{ ref('int_agent_time__counted') }}

),

summed as (

    select
        agent_id,
        team_id,
        site_id,
        state,
        counts_as,
        date_day,
        sum(seconds) as seconds,
        {% for counted in ['handling', 'available', 'unpaid', 'shrinkage'] %}
        sum(case when counts_as = '{{ counted }}' then seconds else 0 end) as {{ counted }}_seconds,
        {% endfor %}
        sum(is_logged_in * seconds) as logged_in_seconds,
        sum(is_paid * seconds) as paid_seconds,
        sum(is_paid * is_sales_role * seconds) as sales_paid_seconds,
        sum(case when state = 'system_down' then seconds else 0 end) as system_down_seconds,
        min(case when is_logged_in = 1 then started_at end) as first_logged_in_at
    from agent_time
    group by agent_id, team_id, site_id, state, counts_as, date_day

),

agent_days as (

    select
        agent_id,
        date_day,
        min(first_logged_in_at) as first_logged_in_at
    from summed
    group by agent_id, date_day

),

final as (

    select
        summed.agent_id,
        summed.team_id,
        summed.site_id,
        summed.state,
        summed.counts_as,
        summed.date_day,
        summed.seconds,
        {% for counted in ['handling', 'available', 'unpaid', 'shrinkage'] %}
        summed.{{ counted }}_seconds,
        {% endfor %}
        summed.logged_in_seconds,
        summed.paid_seconds,
        summed.sales_paid_seconds,
        summed.system_down_seconds,
        case when summed.first_logged_in_at = agent_days.first_logged_in_at then 1 else 0 end as logged_in_agent_days
    from summed
    left join agent_days
        on
            summed.agent_id = agent_days.agent_id
            and summed.date_day = agent_days.date_day

)

select * from final
