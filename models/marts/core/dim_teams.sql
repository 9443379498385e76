-- Teams: the listed ones, those that appear without being listed, and `unknown`.
with

teams as (

    select * from {{ ref('int_teams__unioned') }}

),

members as (

    {{ members_of('team_id', {
        'int_teams__unioned': 'team_id',
        'int_agents__unioned': 'team_id',
        'int_employee_surveys__unioned': 'team_id',
    }) | indent(4) }}

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
