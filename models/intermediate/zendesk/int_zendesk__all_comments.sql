-- A ticket's comments are those that the table of comments has; without any there, those of its updates. Where an update has no author of
-- the comment, who updated the ticket wrote it (ZEN-11).
with

comments as (

    select * from {{ ref('stg_zendesk__ticket_comments') }}

),

changes as (

    select
        *,
        {{ json_text('change_record', '$.id') }} as change_id
    from {{ ref('int_zendesk__ticket_changes') }}
    where
        change_type like '%comment'
        and ticket_id not in (select comments.ticket_id from comments)

),

final as (

    select
        comment_id,
        ticket_id,
        author_id,
        is_public,
        case when is_voice_comment or lower(comment_type) = 'voicecomment' then 1 else 0 end as is_voice_comment,
        comment_via,
        created_at
    from comments
    union all
    select
        {{ of_instance_of('ticket_id', 'change_id', 'zendesk') }} as comment_id,
        ticket_id,
        coalesce({{ json_text('change_record', '$.author_id') }}, updater_id) as author_id,
        coalesce({{ json_text('change_record', '$.public') }}, {{ json_text('change_record', '$.comment_public') }}) = 'true' as is_public,
        case when 'voicecomment' in (change_type, lower({{ json_text('change_record', '$.type') }})) then 1 else 0 end as is_voice_comment,
        {{ json_text('change_record', '$.via') }} as comment_via,
        occurred_at as created_at
    from changes

)

select * from final
