-- One row per scheduled activity and publication of it: the current version, withdrawn records left out.
with

source as (

    {{ current_records('wfm', 'schedules') }}

),

typed as (

    select
        schedule_id,
        agent_id,
        activity,
        starts_at,
        ends_at,
        published_at,
        updated_at
    from source

)

select * from typed
