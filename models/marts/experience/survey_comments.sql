-- Comments without what could tell who wrote them or about whom. A word is shown if it is common, unless it has a capital inside a
-- sentence or is a listed name; a name of a script without capitals is one wherever it stands. All else becomes one … (EXP-3).
with

surveys as (

    select * from {{ ref('int_contact_surveys__unioned') }}

),

facts as (

    select * from {{ ref('fct_surveys') }}

),

words as (

    select * from {{ ref('int_survey_comments__words') }}

),

common_words as (

    select * from {{ ref('int_survey_comments__common_words') }}

),

given_names as (

    select * from {{ ref('given_names') }}

),

judged as (

    select
        words.survey_id,
        words.part_number,
        words.word,
        words.punctuation,
        case
            when common_words.word is null then 0
            when given_names.given_name is not null and (words.word != lower(words.word) or words.word = upper(words.word)) then 0
            when words.is_first_of_sentence = 0 and words.word != lower(words.word) and length(words.word) > 1 then 0
            else 1
        end as is_shown
    from words
    left join common_words
        on
            words.comment_language = common_words.comment_language
            and lower(words.word) = common_words.word
    left join given_names on lower(words.word) = given_names.given_name

),

shown as (

    select
        *,
        case when is_shown = 1 then word || coalesce(punctuation, '') else '…' end as shown_as,
        lag(is_shown) over (
            partition by survey_id
            order by part_number
        ) as is_previous_shown
    from judged

),

redacted as (

    select
        survey_id,
        {{ dbt.listagg('shown_as', "' '", 'order by part_number') }} as comment_redacted
    from shown
    where
        is_shown = 1
        or is_previous_shown is null
        or is_previous_shown = 1
    group by survey_id

),

counted as (

    select
        survey_id,
        count(*) as words,
        sum(1 - is_shown) as words_removed
    from judged
    group by survey_id

),

final as (

    select
        facts.survey_id,
        facts.contact_id,
        facts.channel,
        facts.client_id,
        facts.site_id,
        facts.team_id,
        facts.agent_id,
        facts.queue_id,
        facts.reason_code,
        facts.language,
        facts.csat_score,
        facts.nps_score,
        case when counted.words > counted.words_removed then redacted.comment_redacted end as comment_redacted,
        cast(counted.words as {{ dbt.type_bigint() }}) as words,
        cast(counted.words_removed as {{ dbt.type_bigint() }}) as words_removed,
        facts.date_day,
        facts.responded_at
    from surveys
    inner join facts on surveys.survey_id = facts.survey_id
    left join counted on surveys.survey_id = counted.survey_id
    left join redacted on surveys.survey_id = redacted.survey_id
    where surveys.comment is not null

)

select * from final
