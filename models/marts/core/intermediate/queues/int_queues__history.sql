{{ config(
    materialized='incremental_by_key',
    unique_key=['queue_id', 'valid_from'],
    meta={'incremental': {'records': ['queue_id']}}
) }}

-- What a queue promises holds from its row's effective_from to that of the next row. The first row holds for all that came before, too.
with

queues as (

    select
        *,
        lag(queue_id) over (partition by queue_id order by coalesce(effective_from, cast('1900-01-01' as timestamp))) as earlier_row_of,
        lead(effective_from) over (partition by queue_id order by coalesce(effective_from, cast('1900-01-01' as timestamp))) as valid_to
    from {{ ref('int_queues__unioned') }}

),

final as (

    select
        queue_id,
        service_level_seconds,
        service_level_target,
        short_abandon_seconds,
        valid_to,
        case when earlier_row_of is null then cast('1900-01-01' as timestamp) else effective_from end as valid_from
    from queues

)

select * from final
