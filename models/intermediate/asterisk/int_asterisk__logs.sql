-- How far the log of each system goes, and when that system last started: calls that were in a queue then are over.
with

lines as (

    select * from {{ ref('int_asterisk__lines') }}

),

final as (

    select
        instance,
        max(case when event = 'QUEUESTART' then logged_at end) as restarted_at,
        max(logged_at) as newest_at
    from lines
    group by instance

)

select * from final
