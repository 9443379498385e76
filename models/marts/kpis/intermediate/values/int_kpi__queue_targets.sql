-- The service level that a queue should have, by the first local day of its site that begins with it: a period is held against what held
-- when it began. What held first holds for all days before, too.
with

queue_settings as (

    select * from {{ ref('int_queues__history') }}

),

local_starts as (

    select
        queue_settings.queue_id,
        queue_settings.valid_from,
        {{ service_level_target('queue_settings') }} as target,
        {{ utc_to_local('queue_settings.valid_from', time_zone('sites')) }} as local_valid_from
    from queue_settings
    {{ join_queue('queue_settings.queue_id') }}
    {{ join_site('queues.site_id') }}

),

first_days as (

    select
        queue_id,
        valid_from,
        target,
        case
            when valid_from = cast('1900-01-01' as timestamp) then cast('1900-01-01' as date)
            when local_valid_from = cast(cast(local_valid_from as date) as timestamp) then cast(local_valid_from as date)
            else cast({{ dbt.dateadd('day', 1, 'cast(local_valid_from as date)') }} as date)
        end as first_day
    from local_starts

),

ranked as (

    select
        *,
        row_number() over (partition by queue_id, first_day order by valid_from desc) as rank_from_newest
    from first_days

),

final as (

    select
        queue_id,
        first_day as valid_from,
        target
    from ranked
    where rank_from_newest = 1

)

select * from final
