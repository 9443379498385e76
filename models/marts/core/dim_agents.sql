-- Agents with the history of their team, site and role; those that appear without being listed have one version, as has
-- `unknown`.
with

history as (

    select * from {{ ref('int_agents__history') }}

),

contact_legs as (

    select * from {{ ref('int_contact_legs__unioned') }}

),

agent_states as (

    select * from {{ ref('int_agent_states__unioned') }}

),

schedules as (

    select * from {{ ref('int_schedules__unioned') }}

),

orders as (

    select * from {{ ref('int_orders__unioned') }}

),

evaluations as (

    select * from {{ ref('int_evaluations__unioned') }}

),

contact_surveys as (

    select * from {{ ref('int_contact_surveys__unioned') }}

),

members as (

    select agent_id
    from history
    union distinct
    select agent_id
    from contact_legs
    where agent_id is not null
    union distinct
    select agent_id
    from agent_states
    union distinct
    select agent_id
    from schedules
    union distinct
    select agent_id
    from orders
    where agent_id is not null
    union distinct
    select agent_id
    from evaluations
    union distinct
    select agent_id
    from contact_surveys
    where agent_id is not null
    union distinct
    select 'unknown' as agent_id

),

final as (

    select
        members.agent_id,
        coalesce(history.agent_name, members.agent_id) as agent_name,
        {{ dimension_key('history.team_id') }} as team_id,
        {{ dimension_key('history.site_id') }} as site_id,
        history.role,
        case when history.agent_id is null then 0 else 1 end as is_listed,
        history.hired_on,
        history.left_on,
        coalesce(history.valid_from, cast('1900-01-01' as timestamp)) as valid_from,
        history.valid_to
    from members
    left join history on members.agent_id = history.agent_id

)

select * from final
