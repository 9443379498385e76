{{ config(
    materialized='incremental_by_key',
    unique_key=['ticket_id'],
    meta={'incremental': {'records': ['ticket_id']}}
) }}

-- An agent's comment is a reply, but not the one with which an agent opens an outbound ticket: it answers nobody (ZEN-10).
with

tickets as (

    select * from {{ ref('int_zendesk__tickets') }}

),

directions as (

    select * from {{ ref('int_zendesk__directions') }}

),

written as (

    select * from {{ ref('int_zendesk__comments') }}

),

counted as (

    select
        written.ticket_id,
        min(case when written.is_customer = 0 and directions.direction != 'outbound' then written.written_at end) as first_response_at,
        sum(1 - written.is_customer) - max(case when directions.direction = 'outbound' then 1 else 0 end) as reply_count
    from written
    inner join directions on written.ticket_id = directions.ticket_id
    group by written.ticket_id

),

final as (

    select
        counted.ticket_id,
        tickets.started_at as opened_at,
        counted.first_response_at,
        cast(counted.reply_count as {{ dbt.type_bigint() }}) as reply_count
    from counted
    inner join tickets on counted.ticket_id = tickets.ticket_id

)

select * from final
