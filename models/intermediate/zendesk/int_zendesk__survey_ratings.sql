-- A newer CSAT survey has a score of five points, and the first open answer is its comment. A scale of two or three points reaches from
-- 1 to 5 too; which scale it was the category of the point tells (ZEN-16).
with

responses as (

    select
        *,
        {{ first_group('subject_zrns', 'ticket:([0-9A-Za-z]+)') }} as subject_id
    from {{ ref('stg_zendesk__survey_responses') }}

),

rated as (

    select
        survey_response_id,
        coalesce(
            ticket_id,
            case when subject_id != '' then {{ of_instance_of('survey_response_id', 'subject_id', 'zendesk') }} end
        ) as ticket_id
    from responses

),

answers as (

    select
        *,
        case
            when answer_type = 'rating_scale' and sub_type = 'customer_satisfaction' and rating is not null then 'rating'
            when answer_type = 'open_ended' and answer_text is not null then 'comment'
        end as kind
    from {{ ref('int_zendesk__survey_answers') }}

),

ranked as (

    select
        *,
        row_number() over (partition by survey_response_id, kind order by answer_number) as number_of_kind
    from answers
    where
        kind is not null
        and answered_at is not null

),

scored as (

    select
        *,
        case
            when kind = 'comment' then null
            when rating in (1, 4, 5) then rating
            when rating in (2, 3) and rating_category = 'good' then 5
            when rating = 2 and rating_category = 'neutral' then 3
            when rating in (2, 3) and rating_category in ('neutral', 'bad') then rating
        end as csat_score
    from ranked
    where number_of_kind = 1

),

final as (

    select
        rated.survey_response_id,
        rated.ticket_id,
        max(case when scored.kind = 'comment' then scored.answer_text end) as comment,
        cast(max(scored.csat_score) as {{ dbt.type_bigint() }}) as csat_score,
        coalesce(max(case when scored.kind = 'rating' then scored.answered_at end), max(scored.answered_at)) as happened_at
    from rated
    inner join scored on rated.survey_response_id = scored.survey_response_id
    where rated.ticket_id is not null
    group by rated.survey_response_id, rated.ticket_id

)

select * from final
