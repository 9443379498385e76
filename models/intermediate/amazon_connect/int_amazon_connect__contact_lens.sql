-- What Contact Lens found in a contact, over all its legs. Sentiment is the mean of the legs' scores, each as heavy as its conversation is
-- long; a chat's has no length, so that its legs weigh the same. Times are sums, categories those of any leg (AWS-9).
with

analyses as (

    select
        records.contact_id,
        lens.contact_id as own_contact_id,
        lens.categories,
        lens.interruptions,
        lens.interruption_ms,
        lens.talk_ms,
        lens.non_talk_ms,
        coalesce(lens.customer_sentiment, lens.customer_sentiment_in_chat) as customer_sentiment,
        coalesce(lens.agent_sentiment, lens.agent_sentiment_in_chat) as agent_sentiment,
        greatest(coalesce(lens.conversation_ms, 1), 1) as weight
    from {{ ref('stg_amazon_connect__contact_lens') }} as lens
    inner join {{ ref('int_amazon_connect__records') }} as records on lens.contact_id = records.own_contact_id
    where lens.job_status is null or upper(lens.job_status) = 'COMPLETED'

),

matched as (

    {{ rows_of_json('analyses', ['contact_id'], 'categories') | indent(4) }}

),

categories as (

    select distinct
        contact_id,
        replace(element, '"', '') as category
    from matched

),

listed as (

    select
        contact_id,
        {{ dbt.listagg('category', "', '", 'order by category') }} as categories
    from categories
    group by contact_id

),

added_up as (

    select
        contact_id,
        count(*) as analysed_legs,
        sum(customer_sentiment * weight) / sum(case when customer_sentiment is not null then weight end) as customer_sentiment,
        sum(agent_sentiment * weight) / sum(case when agent_sentiment is not null then weight end) as agent_sentiment,
        sum(interruptions) as interruptions,
        sum(interruption_ms) as interruption_ms,
        sum(talk_ms) as talk_ms,
        sum(non_talk_ms) as non_talk_ms
    from analyses
    group by contact_id

),

final as (

    select
        added_up.contact_id,
        cast(added_up.analysed_legs as {{ dbt.type_bigint() }}) as analysed_legs,
        cast(added_up.customer_sentiment as double) as customer_sentiment,
        cast(added_up.agent_sentiment as double) as agent_sentiment,
        listed.categories,
        cast(added_up.interruptions as {{ dbt.type_bigint() }}) as interruptions,
        cast(round(added_up.interruption_ms / 1000.0) as {{ dbt.type_bigint() }}) as talk_over_seconds,
        cast(round(added_up.talk_ms / 1000.0) as {{ dbt.type_bigint() }}) as talk_seconds,
        cast(round(added_up.non_talk_ms / 1000.0) as {{ dbt.type_bigint() }}) as non_talk_seconds
    from added_up
    left join listed on added_up.contact_id = listed.contact_id

)

select * from final
