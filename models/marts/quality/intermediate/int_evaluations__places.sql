{{ config(materialized='table') }}

-- An evaluation counts on the day on which it was made, for the team and site that the agent had then; its client and queue are those
-- of the contact that was evaluated.
with

evaluations as (

    select * from {{ ref('int_evaluations__unioned') }}

),

contacts as (

    select * from {{ ref('fct_contacts') }}

),

final as (

    select
        evaluations.evaluation_id,
        {{ contact_of('evaluations.contact_id') }} as contact_id,
        {{ dimension_key('contacts.client_id') }} as client_id,
        {{ dimension_key('agents.site_id') }} as site_id,
        {{ dimension_key('agents.team_id') }} as team_id,
        {{ dimension_key('contacts.queue_id') }} as queue_id,
        case when contacts.contact_id is null then 0 else 1 end as is_known_contact,
        local_days.date_day
    from evaluations
    {{ join_contact('evaluations.contact_id') }}
    left join contacts on {{ contact_of('evaluations.contact_id') }} = contacts.contact_id
    {{ join_agent('evaluations.agent_id', 'evaluations.evaluated_at') }}
    {{ join_local_day('agents.site_id', 'evaluations.evaluated_at') }}

)

select * from final
