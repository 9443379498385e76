-- One row per team: the current version, withdrawn records left out.
with

source as (

    {{ current_records('reference', 'teams') }}

),

typed as (

    select
        team_id,
        team_name,
        site_id,
        supervisor
    from source

)

select * from typed
