{{ config(
    materialized='incremental_by_key',
    unique_key=['survey_id'],
    meta={'incremental': {'records': ['survey_id', 'contact_id']}}
) }}

-- A survey is of the session, or the customer's further call, that was the newest when the rating was offered, whenever it is answered. Of
-- several answers the last counts (ZEN-6). Zendesk repeats the answer to a newer survey as good or bad: the survey's own score and comment
-- count (ZEN-16).
with

ratings as (

    select
        *,
        coalesce(
            max(case when is_offer = 1 then happened_at end) over (
                partition by ticket_id order by happened_at asc, is_offer desc rows between unbounded preceding and current row
            ),
            happened_at
        ) as offered_at
    from {{ ref('int_zendesk__ratings') }}

),

sessions as (

    select
        ticket_id,
        contact_id,
        started_at
    from {{ ref('int_zendesk__sessions') }}

),

further_calls as (

    select
        ticket_id,
        contact_id,
        started_at
    from {{ ref('int_zendesk__calls') }}
    where
        direction = 'inbound'
        and ticket_id is not null
        and contact_id not in (select sessions.contact_id from sessions)

),

contacts as (

    select
        *,
        row_number() over (partition by ticket_id order by started_at, contact_id) as contact_number,
        lead(started_at) over (partition by ticket_id order by started_at, contact_id) as next_started_at
    from (
        select * from sessions
        union all
        select * from further_calls
    ) as all_contacts

),

in_session as (

    select
        ratings.*,
        contacts.contact_id,
        max(case when ratings.csat_score is not null then ratings.is_of_survey end) over (partition by contacts.contact_id) as has_survey
    from ratings
    inner join contacts
        on
            ratings.ticket_id = contacts.ticket_id
            and (ratings.offered_at >= contacts.started_at or contacts.contact_number = 1)
            and ratings.offered_at < coalesce(contacts.next_started_at, cast('9999-12-31' as timestamp))

),

answered as (

    select
        *,
        max(case when csat_score is not null then happened_at end) over (partition by contact_id, is_of_survey) as responded_at
    from in_session

),

final as (

    select
        contact_id as survey_id,
        contact_id,
        max(case when happened_at = responded_at then agent_id end) as agent_id,
        min(offered_at) as sent_at,
        max(case when is_of_survey = has_survey then responded_at end) as responded_at,
        cast(
            max(case when is_of_survey = has_survey and happened_at = responded_at then csat_score end) as {{ dbt.type_bigint() }}
        ) as csat_score,
        max(case when is_of_survey = has_survey and comment is not null and happened_at >= responded_at then comment end) as comment,
        max(happened_at) as updated_at
    from answered
    group by contact_id
    having
        max(is_offer) = 1
        or max(csat_score) is not null

)

select * from final
