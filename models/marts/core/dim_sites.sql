-- Sites: the listed ones, those that appear without being listed, and `unknown`. A site that does not say otherwise lives in the
-- reporting time zone.
with

sites as (

    select * from {{ ref('int_sites__unioned') }}

),

teams as (

    select * from {{ ref('int_teams__unioned') }}

),

queues as (

    select * from {{ ref('int_queues__unioned') }}

),

agents as (

    select * from {{ ref('int_agents__unioned') }}

),

employee_surveys as (

    select * from {{ ref('int_employee_surveys__unioned') }}

),

operating_costs as (

    select * from {{ ref('int_operating_costs__unioned') }}

),

members as (

    select site_id
    from sites
    union distinct
    select site_id
    from teams
    where site_id is not null
    union distinct
    select site_id
    from queues
    where site_id is not null
    union distinct
    select site_id
    from agents
    where site_id is not null
    union distinct
    select site_id
    from employee_surveys
    where site_id is not null
    union distinct
    select site_id
    from operating_costs
    where site_id is not null
    union distinct
    select 'unknown' as site_id

),

final as (

    select
        members.site_id,
        coalesce(sites.site_name, members.site_id) as site_name,
        coalesce(sites.timezone, '{{ reporting_timezone() }}') as timezone,
        case when sites.site_id is null then 0 else 1 end as is_listed
    from members
    left join sites on members.site_id = sites.site_id

)

select * from final
