{{ config(materialized='table') }}

-- Whose order it is: its own agent's, else its contact's; in the team, at the site and in the role that the agent had at that
-- instant, on the local day of that site.
with

orders as (

    select * from {{ ref('int_orders__unioned') }}

),

contacts as (

    select * from {{ ref('fct_contacts') }}

),

credited as (

    select
        orders.order_id,
        {{ contact_of('orders.contact_id') }} as contact_id,
        orders.ordered_at,
        orders.currency,
        {{ dimension_key('coalesce(orders.agent_id, contacts.agent_id)') }} as agent_id
    from orders
    {{ join_contact('orders.contact_id') }}
    left join contacts on {{ contact_of('orders.contact_id') }} = contacts.contact_id

),

final as (

    select
        credited.order_id,
        credited.contact_id,
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
