-- A comment is a row of words. A word is letters, perhaps with hyphens and apostrophes between them; what holds a digit or any other sign,
-- such as a number or an address, has no word. Comments with letters of a script that is not split into words here, or has no capitals and
-- no listed names, such as Chinese or Thai, have no row (EXP-3).
{% set apostrophes = '\\x27\\x{2019}' %}
{% set quotes = '\\x22(){}\\[\\]\\x{00AB}\\x{00BB}\\x{201C}-\\x{201E}' ~ apostrophes %}
{% set letters = '[\\p{L}\\p{M}]+(?:[-' ~ apostrophes ~ '][\\p{L}\\p{M}]+)*' %}
{% set marks = '[.,;:!?\\x{2026}\\x{060C}\\x{061B}\\x{061F}]*' %}
{% set quoted = '[' ~ quotes ~ ']*' %}
{% set unknown_script = '[^A-\\x{052F}\\x{0590}-\\x{06FF}\\x{1E00}-\\x{1FFF}\\P{L}]' %}
with

surveys as (

    select * from {{ ref('int_contact_surveys__unioned') }}

),

facts as (

    select * from {{ ref('fct_surveys') }}

),

commented as (

    select
        surveys.survey_id,
        facts.customer_key,
        surveys.comment as written,
        {{ dimension_key('lower(surveys.language)') }} as comment_language
    from surveys
    inner join facts on surveys.survey_id = facts.survey_id
    where
        surveys.comment is not null
        and not {{ matches('surveys.comment', unknown_script) }}

),

parts as (

    {{ rows_of_words('commented', ['survey_id', 'customer_key', 'comment_language'], 'written') | indent(4) }}

),

written as (

    select distinct part
    from parts

),

-- What many wrote is looked at once. Signs alone say nothing.
spellings as (

    select
        part,
        nullif({{ first_group('part', '^' ~ quoted ~ '(' ~ letters ~ ')' ~ quoted ~ marks ~ quoted ~ '$') }}, '') as word,
        nullif({{ first_group('part', '^' ~ quoted ~ letters ~ quoted ~ '(' ~ marks ~ ')' ~ quoted ~ '$') }}, '') as punctuation,
        case when {{ matches('part', '[.!?\\x{2026}\\x{061F}]' ~ quoted ~ '$') }} then 1 else 0 end as ends_sentence
    from written
    where {{ matches('part', '[\\p{L}\\p{N}@]') }}

),

final as (

    select
        parts.survey_id,
        parts.part_number,
        parts.customer_key,
        parts.comment_language,
        spellings.word,
        spellings.punctuation,
        coalesce(
            lag(spellings.ends_sentence) over (
                partition by parts.survey_id
                order by parts.part_number
            ),
            1
        ) as is_first_of_sentence
    from parts
    inner join spellings on parts.part = spellings.part

)

select * from final
