-- The KPIs of each role's scorecard. A weight that names a family means its KPI with the longest horizon: FCR by the widest window.
with

weights as (

    select * from {{ ref('scorecard_weights') }}

),

catalog as (

    select * from {{ ref('kpi_catalog') }}

),

candidates as (

    select
        weights.role,
        weights.kpi as named_kpi,
        weights.weight,
        catalog.kpi,
        catalog.domain,
        catalog.family,
        catalog.levels,
        catalog.direction,
        row_number() over (
            partition by weights.role, weights.kpi
            order by case when catalog.kpi = weights.kpi then 0 else 1 end asc, catalog.horizon_hours desc, catalog.kpi asc
        ) as preference_rank
    from weights
    left join catalog
        on
            weights.kpi = catalog.kpi
            or weights.kpi = catalog.family

),

final as (

    select
        role,
        weight,
        coalesce(kpi, named_kpi) as kpi,
        -- What agents or the extracts say of themselves is no experience of a customer (SCO-1).
        case
            when domain in ('resolution', 'experience') and family not in ('fcr_disposition', 'identified_rate', 'survey_response_rate')
                then 1
            else 0
        end as is_customer_experience,
        case when ', ' || levels || ',' like '%, agent,%' and direction in ('higher', 'lower') then 1 else 0 end as can_be_scored
    from candidates
    where preference_rank = 1

)

select * from final
