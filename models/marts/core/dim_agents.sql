-- Agents with the history of their team, site and role; those that appear without being listed have one version, as has
-- `unknown`.
with

history as (

    select * from {{ ref('int_agents__history') }}

),

members as (

    {{ members_of('agent_id', {
        'int_agents__history': 'agent_id',
        'int_contact_legs__unioned': 'agent_id',
        'int_agent_states__unioned': 'agent_id',
        'int_schedules__unioned': 'agent_id',
        'int_orders__unioned': 'agent_id',
        'int_evaluations__unioned': 'agent_id',
        'int_contact_surveys__unioned': 'agent_id',
    }) | indent(4) }}

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
