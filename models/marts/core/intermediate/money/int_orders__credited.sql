{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['order_id'],
    meta={'unit': 'order_id', 'logs': ['order_id']}
) }}

-- Whose order it is: its own agent's, else its contact's; in the team, at the site and in the role that the agent had at that
-- instant, on the local day of that site.
{% set scope = recompute(
    [
        changed_in_union('int_orders__unioned', 'order_id'),
        "(select order_id as unit from " ~ tracked('int_orders__unioned') ~ " where contact_id in "
        ~ changed('fct_contacts', 'contact_id') ~ ")",
        "(select order_id as unit from " ~ this ~ " where agent_id in " ~ changed('int_agents__history', 'agent_id') ~ ")",
    ],
    small_inputs=[tracked('int_sites__unioned'), tracked('int_time__local_days')]
) %}
with

orders as (

    select * from {{ ref('int_orders__unioned') }}
    where {{ in_scope('order_id', scope) }}

),

contacts as (

    select * from {{ ref('fct_contacts') }}

),

credited as (

    select
        orders.order_id,
        orders.ordered_at,
        orders.currency,
        {{ dimension_key('coalesce(orders.agent_id, contacts.agent_id)') }} as agent_id
    from orders
    left join contacts on orders.contact_id = contacts.contact_id

),

final as (

    select
        credited.order_id,
        {{ dimension_key('agents.team_id') }} as team_id,
        {{ dimension_key('agents.site_id') }} as site_id,
        credited.agent_id,
        credited.currency,
        {{ is_sales_role('agents.role') }} as is_sales_role,
        local_days.date_day,
        cast({{ dbt.date_trunc('month', 'local_days.date_day') }} as date) as month_start
    from credited
    {{ join_agent('credited.agent_id', 'credited.ordered_at') }}
    {{ join_local_day('agents.site_id', 'credited.ordered_at') }}

)

select * from final
