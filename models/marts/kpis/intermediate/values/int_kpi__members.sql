{{ config(materialized='table') }}

-- What the listed members of each level are called, by their newest row. Agents have a name only if the setting `publish_agent_names` lets
-- them (KPI-15).
{% set named = {
    'client': ['int_clients__unioned', 'client_id', 'client_name'],
    'site': ['int_sites__unioned', 'site_id', 'site_name'],
    'team': ['int_teams__unioned', 'team_id', 'team_name'],
    'channel': ['channels', 'channel', 'channel_name'],
    'reason': ['int_contact_reasons__unioned', 'reason_code', 'reason_name'],
} %}
with

queues as (

    select
        queue_id,
        queue_name,
        row_number() over (partition by queue_id order by effective_from desc nulls last) as rank_from_newest
    from {{ ref('int_queues__unioned') }}

),

members as (

    select
        'organization' as level,
        'all' as level_id,
        'All' as level_name
    union all
    select
        'queue' as level,
        queue_id as level_id,
        queue_name as level_name
    from queues
    where rank_from_newest = 1
    {%- for level, (model_name, id, name) in named.items() %}
    union all
    select
        '{{ level }}' as level,
        {{ id }} as level_id,
        {{ name }} as level_name
    from {{ ref(model_name) }}
    {%- endfor %}
    {%- if true_or_false('publish_agent_names') %}
    union all
    select
        'agent' as level,
        agent_id as level_id,
        agent_name as level_name
    from {{ ref('int_agents__history') }}
    where valid_to is null
    {%- endif %}

),

final as (

    select
        level,
        level_id,
        level_name
    from members
    where level_name is not null

)

select * from final
