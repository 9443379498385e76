-- One row per agent and instant from which a version of their team, site and role holds: the current version, withdrawn records left out.
with

source as (

    {{ current_records('wfm', 'agents') }}

),

typed as (

    select
        agent_id,
        agent_name,
        team_id,
        site_id,
        role,
        hired_on,
        left_on,
        effective_from,
        updated_at
    from source

)

select * from typed
