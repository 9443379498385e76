-- A touch is an unbroken run of one agent's public comments in a session. The customer's comments do not break it, another agent's
-- do (ZEN-3).
with

sessions as (

    select * from {{ ref('int_zendesk__sessions') }}

),

comments as (

    select * from {{ ref('int_zendesk__comments') }}
    where is_customer = 0

),

in_session as (

    select
        sessions.contact_id,
        comments.agent_id,
        comments.written_at,
        comments.comment_id,
        case
            when
                comments.agent_id = lag(comments.agent_id) over (
                    partition by sessions.contact_id order by comments.written_at, comments.comment_id
                )
                then 0
            else 1
        end as is_first
    from comments
    inner join sessions
        on
            comments.ticket_id = sessions.ticket_id
            and comments.written_at >= sessions.started_at
            and comments.written_at < coalesce(sessions.next_started_at, cast('9999-12-31' as timestamp))

),

numbered as (

    select
        *,
        sum(is_first) over (partition by contact_id order by written_at, comment_id) as touch_number
    from in_session

),

final as (

    select
        contact_id,
        cast(touch_number as {{ dbt.type_bigint() }}) as touch_number,
        agent_id,
        count(*) as comment_count,
        min(written_at) as first_at,
        max(written_at) as last_at,
        lead(min(written_at)) over (partition by contact_id order by touch_number) as next_touch_at
    from numbered
    group by contact_id, touch_number, agent_id

)

select * from final
