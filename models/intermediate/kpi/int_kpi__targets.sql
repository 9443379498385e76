{{ config(
    materialized=kept_table(),
    incremental_strategy='changes',
    unique_key=['kpi', 'level', 'level_id', 'period_start'],
    meta={'unit': 'period_start', 'unit_type': 'date', 'logs': []}
) }}

-- The target of a KPI for a member and period: the member's own, else (service level) the queue's, else its client's industry's,
-- else its level's, else the organization's; of each the one that came into force last. A target names a KPI or its family, such as
-- fcr for fcr_24h.
{% set scope = recompute(
    [changed('int_kpi__periods', 'unit')],
    small_inputs=[tracked('kpi_catalog'), tracked('dim_clients'), tracked('dim_queues')]
) %}
with

periods as (

    select distinct
        kpi,
        level,
        level_id,
        period_start
    from {{ ref('int_kpi__periods') }}
    where {{ in_scope('period_start', scope, 'date') }}

),

catalog as (

    select * from {{ ref('kpi_catalog') }}

),

targets as (

    select * from {{ ref('kpi_targets') }}

),

clients as (

    select * from {{ ref('dim_clients') }}

),

queues as (

    select * from {{ ref('dim_queues') }}

),

candidates as (

    select
        periods.kpi,
        periods.level,
        periods.level_id,
        periods.period_start,
        targets.target,
        targets.valid_from,
        case
            when targets.level = periods.level and targets.level_id = periods.level_id then 1
            when targets.level = 'industry' then 3
            when targets.level = periods.level then 4
            else 5
        end as preference
    from periods
    inner join catalog on periods.kpi = catalog.kpi
    inner join targets
        on
            (catalog.kpi = targets.kpi or catalog.family = targets.kpi)
            and periods.period_start >= targets.valid_from
    left join clients
        on
            periods.level = 'client'
            and periods.level_id = clients.client_id
    where
        (targets.level = periods.level and coalesce(targets.level_id, periods.level_id) = periods.level_id)
        or (targets.level = 'industry' and targets.level_id = clients.industry)
        or (targets.level = 'organization')
    union all
    select
        periods.kpi,
        periods.level,
        periods.level_id,
        periods.period_start,
        queues.service_level_target as target,
        periods.period_start as valid_from,
        2 as preference
    from periods
    inner join catalog
        on
            periods.kpi = catalog.kpi
            and catalog.family = 'service_level'
    inner join queues
        on
            periods.level = 'queue'
            and periods.level_id = queues.queue_id

),

ranked as (

    select
        *,
        row_number() over (
            partition by kpi, level, level_id, period_start
            order by preference asc, valid_from desc
        ) as preference_rank
    from candidates

),

final as (

    select
        kpi,
        level,
        level_id,
        period_start,
        cast(target as double) as target
    from ranked
    where preference_rank = 1

)

select * from final
