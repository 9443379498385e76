{{ config(meta={'is_lookup': true}) }}

-- What a queue is called and where it belongs, as its newest row says.
with

queues as (

    select
        *,
        row_number() over (
            partition by queue_id
            order by coalesce(effective_from, cast('1900-01-01' as timestamp)) desc, source asc
        ) as rank_from_newest
    from {{ ref('int_queues__unioned') }}

),

final as (

    select
        queue_id,
        queue_name,
        client_id,
        site_id,
        channel
    from queues
    where rank_from_newest = 1

)

select * from final
