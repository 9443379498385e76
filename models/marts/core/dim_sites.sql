-- Sites: the listed ones, those that appear without being listed, and `unknown`. A site that does not say otherwise lives in the
-- reporting time zone.
with

sites as (

    select * from {{ ref('int_sites__unioned') }}

),

members as (

    {{ members_of('site_id', {
        'int_sites__unioned': 'site_id',
        'int_teams__unioned': 'site_id',
        'int_queues__listed': 'site_id',
        'int_agents__unioned': 'site_id',
        'int_employee_surveys__unioned': 'site_id',
        'int_operating_costs__unioned': 'site_id',
    }) | indent(4) }}

),

final as (

    select
        members.site_id,
        coalesce(sites.site_name, members.site_id) as site_name,
        {{ time_zone('sites') }} as timezone,
        case when sites.site_id is null then 0 else 1 end as is_listed
    from members
    left join sites on members.site_id = sites.site_id

)

select * from final
