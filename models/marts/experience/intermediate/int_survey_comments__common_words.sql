-- A word that enough customers of one language wrote tells of nobody. A name is written with a capital: only what begins without one
-- counts, and single letters. Words of agents' names are none, but for those that most agents have, such as a title (EXP-3).
{% set at_least = comment_word_min_customers() %}
with

words as (

    select * from {{ ref('int_survey_comments__words') }}

),

agents as (

    select
        agent_id,
        {{ dbt.replace('agent_name', "'-'", "' '") }} as agent_name
    from {{ ref('int_agents__history') }}
    where agent_name is not null

),

parts_of_names as (

    {{ rows_of_words('agents', ['agent_id'], 'agent_name') | indent(4) }}

),

agents_of_names as (

    select
        lower({{ first_group('part', '([\\p{L}\\p{M}\\x27\\x{2019}]+)') }}) as word,
        count(distinct agent_id) as agents
    from parts_of_names
    group by lower({{ first_group('part', '([\\p{L}\\p{M}\\x27\\x{2019}]+)') }})

),

counted as (

    select count(distinct agent_id) as all_agents
    from agents

),

names_of_agents as (

    select agents_of_names.word
    from agents_of_names
    cross join counted
    where
        agents_of_names.agents < {{ at_least }}
        or agents_of_names.agents * 2 <= counted.all_agents

),

common as (

    select
        comment_language,
        lower(word) as word
    from words
    where
        word = lower(word)
        or length(word) = 1
    group by comment_language, lower(word)
    having count(distinct customer_key) >= {{ at_least }}

),

final as (

    select
        common.comment_language,
        common.word
    from common
    left join names_of_agents on common.word = names_of_agents.word
    where names_of_agents.word is null

)

select * from final
