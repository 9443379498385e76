{{ config(
    materialized='incremental_by_key',
    unique_key=['survey_id'],
    meta={'incremental': {'records': ['survey_id', 'contact_id']}}
) }}

-- Surveys that the customer got: sent, opened, answered or expired. What is pending, failed or was opted out of was not sent. An answer is
-- what was submitted. Only the promoter's score is an answer to one question; the total is points of a form (GEN-9).
with

conversations as (

    select * from {{ ref('stg_genesys_cloud__conversations') }}
    where surveys is not null

),

taken_apart as (

    {{ rows_of_json('conversations', ['contact_id', 'conversation_start', 'conversation_end'], 'surveys') | indent(4) }}

),

named as (

    select
        contact_id,
        conversation_start,
        conversation_end,
        element_number,
        {{ json_text('element', '$.surveyId') }} as survey_id,
        {{ json_text('element', '$.userId') }} as user_id,
        lower({{ json_text('element', '$.surveyStatus') }}) as survey_status,
        try_cast({{ json_text('element', '$.surveyPromoterScore') }} as double) as promoter_score,
        {{ instant_of_text(json_text('element', '$.eventTime')) }} as event_at,
        {{ instant_of_text(json_text('element', '$.surveyCompletedDate')) }} as completed_at
    from taken_apart

),

ranked as (

    select
        *,
        case when survey_status = 'finished' then coalesce(completed_at, event_at, conversation_end, conversation_start) end
            as responded_at,
        case when promoter_score between 0 and 10 and promoter_score = floor(promoter_score) then promoter_score end as promoter_answer,
        row_number() over (
            partition by survey_id
            order by coalesce(event_at, conversation_start) desc, contact_id desc, element_number desc
        ) as rank_from_newest
    from named
    where survey_id is not null

),

final as (

    select
        ranked.survey_id,
        ranked.contact_id,
        {{ known_as('genesys_cloud', 'agent_id', 'ranked.user_id') | indent(8) }} as agent_id,
        least(coalesce(ranked.conversation_end, ranked.event_at, ranked.conversation_start), ranked.responded_at) as sent_at,
        ranked.responded_at,
        case when ranked.responded_at is not null then cast(ranked.promoter_answer as {{ dbt.type_bigint() }}) end as nps_score,
        coalesce(ranked.event_at, ranked.responded_at, ranked.conversation_start) as updated_at
    from ranked
    where
        ranked.rank_from_newest = 1
        and ranked.survey_status in ('sent', 'inprogress', 'finished', 'expired')

)

select * from final
