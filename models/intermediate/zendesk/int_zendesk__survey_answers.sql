-- A response's answers are those that the table of answers has; without any there, those that stand in the response. A rating scale whose
-- question nobody lists asks for the customer's satisfaction; an answer without a time was given when it was exported (ZEN-16).
with

responses as (

    select * from {{ ref('stg_zendesk__survey_responses') }}

),

answer_records as (

    select * from {{ ref('stg_zendesk__survey_answers') }}

),

questions as (

    select
        question_id,
        max(sub_type) as sub_type
    from {{ ref('stg_zendesk__survey_questions') }}
    group by question_id

),

taken_apart as (

    {{ rows_of_json('responses', ['survey_response_id', 'synced_at'], 'answers') | indent(4) }}

),

answers as (

    select
        answer_records.survey_response_id,
        answer_records.answer_type,
        questions.sub_type,
        answer_records.rating,
        answer_records.rating_category,
        answer_records.answer_text,
        row_number() over (
            partition by answer_records.survey_response_id
            order by
                coalesce(answer_records.created_at, answer_records.updated_at, answer_records.synced_at, cast('9999-12-31' as timestamp)),
                answer_records.question_id
        ) as answer_number,
        coalesce(answer_records.updated_at, answer_records.created_at, answer_records.synced_at) as answered_at
    from answer_records
    left join questions on answer_records.question_id = questions.question_id
    union all
    select
        survey_response_id,
        {{ json_text('element', '$.type') }} as answer_type,
        {{ json_text('element', '$.question.sub_type') }} as sub_type,
        {{ whole_seconds(json_text('element', '$.rating'), 1000) }} as rating,
        {{ json_text('element', '$.rating_category') }} as rating_category,
        {{ json_text('element', '$.value') }} as answer_text,
        element_number as answer_number,
        coalesce(
            {{ instant_of_text(json_text('element', '$.updated_at')) }},
            {{ instant_of_text(json_text('element', '$.created_at')) }},
            synced_at
        ) as answered_at
    from taken_apart
    where survey_response_id not in (select answer_records.survey_response_id from answer_records)

),

final as (

    select
        survey_response_id,
        cast(answer_number as {{ dbt.type_bigint() }}) as answer_number,
        rating,
        answer_text,
        answered_at,
        lower(answer_type) as answer_type,
        lower(coalesce(sub_type, 'customer_satisfaction')) as sub_type,
        lower(rating_category) as rating_category
    from answers

)

select * from final
