-- Seconds that an agent spent in each state on each local day, split into what the ratios of the workforce KPIs are made of.
with

agent_time as (

    select * from {{ ref('int_agent_time__counted') }}

),

final as (

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
        cast(sum(is_first_logged_in) as {{ dbt.type_int() }}) as logged_in_agent_days
    from agent_time
    group by agent_id, team_id, site_id, state, counts_as, date_day

)

select * from final
