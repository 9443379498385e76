{{ config(materialized='table') }}

-- The target of a KPI for a member: the member's own, else (service level) the queue's, else its client's industry's, else its
-- level's, else the organization's; of each the one that came into force last. It may change on each day on which one of them comes
-- into force. A target names a KPI or its family, such as fcr for fcr_24h; of two from the same day the KPI's own counts.
with

members as (

    select distinct
        kpi,
        level,
        level_id
    from {{ ref('int_kpi__period_sums') }}

),

catalog as (

    select * from {{ ref('kpi_catalog') }}

),

targets as (

    select * from {{ ref('kpi_targets') }}

),

clients as (

    select * from {{ ref('int_clients__unioned') }}

),

queue_targets as (

    select * from {{ ref('int_kpi__queue_targets') }}

),

candidates as (

    select
        members.kpi,
        members.level,
        members.level_id,
        targets.target,
        targets.valid_from,
        case
            when targets.level = members.level and targets.level_id = members.level_id then 1
            when targets.level = 'industry' then 3
            when targets.level = members.level then 4
            else 5
        end as preference,
        case when targets.kpi = catalog.kpi then 0 else 1 end as is_of_family
    from members
    inner join catalog on members.kpi = catalog.kpi
    inner join targets on catalog.kpi = targets.kpi or catalog.family = targets.kpi
    left join clients
        on
            members.level = 'client'
            and members.level_id = clients.client_id
    where
        (targets.level = members.level and coalesce(targets.level_id, members.level_id) = members.level_id)
        or (targets.level = 'industry' and targets.level_id = clients.industry)
        or (targets.level = 'organization')
    union all
    select
        members.kpi,
        members.level,
        members.level_id,
        coalesce(queue_targets.target, {{ var('default_service_level_target') }}) as target,
        coalesce(queue_targets.valid_from, cast('1900-01-01' as date)) as valid_from,
        2 as preference,
        1 as is_of_family
    from members
    inner join catalog
        on
            members.kpi = catalog.kpi
            and catalog.family = 'service_level'
    left join queue_targets on members.level_id = queue_targets.queue_id
    where members.level = 'queue'

),

first_days as (

    select distinct
        kpi,
        level,
        level_id,
        valid_from
    from candidates

),

ranked as (

    select
        first_days.kpi,
        first_days.level,
        first_days.level_id,
        first_days.valid_from,
        cast(candidates.target as double) as target,
        row_number() over (
            partition by first_days.kpi, first_days.level, first_days.level_id, first_days.valid_from
            order by candidates.preference asc, candidates.valid_from desc, candidates.is_of_family asc
        ) as preference_rank
    from first_days
    inner join candidates
        on
            first_days.kpi = candidates.kpi
            and first_days.level = candidates.level
            and first_days.level_id = candidates.level_id
            and first_days.valid_from >= candidates.valid_from

),

final as (

    select
        kpi,
        level,
        level_id,
        valid_from,
        target,
        lead(valid_from) over (
            partition by kpi, level, level_id
            order by valid_from
        ) as valid_to
    from ranked
    where preference_rank = 1

)

select * from final
