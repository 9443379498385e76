{{ config(
    materialized='incremental_by_key',
    unique_key=['agent_id', 'kind', 'started_at'],
    meta={'incremental': {'key': ['agent_id'], 'inputs': {'stg_genesys_cloud__user_status': {'key': {'agent_id': 'user_id'}}}}}
) }}

-- A stretch of a presence, or of a routing status. Queries overlap: of one start the latest known end counts. What a presence of the
-- centre's own means, the var presence_states says.
with

user_status as (

    select * from {{ ref('stg_genesys_cloud__user_status') }}
    where {{ is_affected('user_id') }}

),

presences as (

    {{ rows_of_json('user_status', ['user_id'], 'presences') | indent(4) }}

),

routing as (

    {{ rows_of_json('user_status', ['user_id'], 'routing_statuses') | indent(4) }}

),

named as (

    select
        user_id as agent_id,
        'presence' as kind,
        coalesce(
            {{ presence_state(json_text('element', '$.organizationPresenceId')) | indent(12) }},
            lower({{ json_text('element', '$.systemPresence') }})
        ) as state,
        {{ instant_of_text(json_text('element', '$.startTime')) }} as started_at,
        {{ instant_of_text(json_text('element', '$.endTime')) }} as ended_at
    from presences
    union all
    select
        user_id as agent_id,
        'routing' as kind,
        lower({{ json_text('element', '$.routingStatus') }}) as state,
        {{ instant_of_text(json_text('element', '$.startTime')) }} as started_at,
        {{ instant_of_text(json_text('element', '$.endTime')) }} as ended_at
    from routing

),

final as (

    select
        agent_id,
        kind,
        started_at,
        max(state) as state,
        max(ended_at) as ended_at
    from named
    where
        started_at is not null
        and state is not null
    group by agent_id, kind, started_at

)

select * from final
