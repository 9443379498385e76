-- A ticket's rating is offered, and answered with good or bad, perhaps more than once. Ratings tell it; without them the history of the
-- ticket's field; without either the ticket, at the latest when it last changed (ZEN-6). A newer survey has its own answers (ZEN-16).
with

merged as (

    select * from {{ ref('int_zendesk__merges') }}

),

tickets as (

    select * from {{ ref('int_zendesk__tickets') }}

),

rating_records as (

    select * from {{ ref('stg_zendesk__satisfaction_ratings') }}

),

history as (

    select
        ticket_id,
        changed_at as happened_at,
        case when field_name = 'satisfaction_score' then lower(changed_to) end as score,
        case when field_name = 'satisfaction_comment' then changed_to end as comment
    from {{ ref('int_zendesk__field_changes') }}
    where
        field_name in ('satisfaction_score', 'satisfaction_comment')
        and ticket_id not in (select rating_records.ticket_id from rating_records)

),

events as (

    select
        ticket_id,
        coalesce(updated_at, created_at) as happened_at,
        lower(score) as score,
        comment,
        assignee_id as agent_id,
        cast(null as {{ dbt.type_bigint() }}) as survey_score,
        0 as is_of_survey
    from rating_records
    union all
    -- A record that was answered later than it was made had been offered.
    select
        ticket_id,
        created_at as happened_at,
        'offered' as score,
        cast(null as {{ dbt.type_string() }}) as comment,
        assignee_id as agent_id,
        cast(null as {{ dbt.type_bigint() }}) as survey_score,
        0 as is_of_survey
    from rating_records
    where created_at < updated_at
    union all
    select
        ticket_id,
        happened_at,
        score,
        comment,
        cast(null as {{ dbt.type_string() }}) as agent_id,
        cast(null as {{ dbt.type_bigint() }}) as survey_score,
        0 as is_of_survey
    from history
    union all
    select
        ticket_id,
        updated_at as happened_at,
        lower({{ json_text('satisfaction_rating', '$.score') }}) as score,
        {{ json_text('satisfaction_rating', '$.comment') }} as comment,
        cast(null as {{ dbt.type_string() }}) as agent_id,
        cast(null as {{ dbt.type_bigint() }}) as survey_score,
        0 as is_of_survey
    from tickets
    where
        ticket_id not in (select rating_records.ticket_id from rating_records)
        and ticket_id not in (select history.ticket_id from history)
    union all
    select
        ticket_id,
        happened_at,
        cast(null as {{ dbt.type_string() }}) as score,
        comment,
        cast(null as {{ dbt.type_string() }}) as agent_id,
        csat_score as survey_score,
        1 as is_of_survey
    from {{ ref('int_zendesk__survey_ratings') }}

),

final as (

    select
        tickets.ticket_id,
        events.comment,
        {{ known_as('zendesk', 'agent_id', 'events.agent_id') }} as agent_id,
        case
            when events.is_of_survey = 1 then events.survey_score
            when events.score like 'good%' then cast(5 as {{ dbt.type_bigint() }})
            when events.score like 'bad%' then cast(1 as {{ dbt.type_bigint() }})
        end as csat_score,
        case when events.score = 'offered' then 1 else 0 end as is_offer,
        events.is_of_survey,
        events.happened_at
    from events
    left join merged on events.ticket_id = merged.ticket_id
    inner join tickets on coalesce(merged.into_ticket_id, events.ticket_id) = tickets.ticket_id
    where
        events.score = 'offered'
        or events.score like 'good%'
        or events.score like 'bad%'
        or events.survey_score is not null
        or events.comment is not null

)

select * from final
