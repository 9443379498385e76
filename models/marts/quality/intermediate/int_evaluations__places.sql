{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['evaluation_id'],
    meta={'unit': 'evaluation_id', 'logs': ['evaluation_id']}
) }}

-- An evaluation counts on the day on which it was made, for the team and site that the agent had then; its client and queue are those
-- of the contact that was evaluated.
{% set of_evaluations = "(select evaluation_id as unit from " ~ tracked('int_evaluations__unioned') %}
{% set scope = recompute(
    [
        changed_in_union('int_evaluations__unioned', 'evaluation_id'),
        of_evaluations ~ " where contact_id in " ~ changed('fct_contacts', 'contact_id') ~ ")",
        of_evaluations ~ " where agent_id in " ~ changed('int_agents__history', 'agent_id') ~ ")",
    ],
    small_inputs=[tracked('int_sites__unioned'), tracked('int_time__local_days')]
) %}
with

evaluations as (

    select * from {{ ref('int_evaluations__unioned') }}
    where {{ in_scope('evaluation_id', scope) }}

),

contacts as (

    select * from {{ ref('fct_contacts') }}

),

final as (

    select
        evaluations.evaluation_id,
        {{ dimension_key('contacts.client_id') }} as client_id,
        {{ dimension_key('agents.site_id') }} as site_id,
        {{ dimension_key('agents.team_id') }} as team_id,
        {{ dimension_key('contacts.queue_id') }} as queue_id,
        case when contacts.contact_id is null then 0 else 1 end as is_known_contact,
        local_days.date_day
    from evaluations
    left join contacts on evaluations.contact_id = contacts.contact_id
    {{ join_agent('evaluations.agent_id', 'evaluations.evaluated_at') }}
    {{ join_local_day('agents.site_id', 'evaluations.evaluated_at') }}

)

select * from final
