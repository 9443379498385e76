-- Teams: the listed ones, those that appear without being listed, and `unknown`.
with

teams as (

    select * from {{ ref('int_teams__unioned') }}

),

agents as (

    select * from {{ ref('int_agents__unioned') }}

),

employee_surveys as (

    select * from {{ ref('int_employee_surveys__unioned') }}

),

members as (

    select team_id
    from teams
    union distinct
    select team_id
    from agents
    where team_id is not null
    union distinct
    select team_id
    from employee_surveys
    where team_id is not null
    union distinct
    select 'unknown' as team_id

),

final as (

    select
        members.team_id,
        teams.site_id,
        teams.supervisor,
        coalesce(teams.team_name, members.team_id) as team_name,
        case when teams.team_id is null then 0 else 1 end as is_listed
    from members
    left join teams on members.team_id = teams.team_id

)

select * from final
