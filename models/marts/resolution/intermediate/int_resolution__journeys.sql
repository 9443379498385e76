{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_key'],
    meta={'incremental': {
        'key': ['contact_key'], 'records': ['customer_number'],
        'inputs': {
            'fct_contacts': [
                {},
                {'through': 'fct_contacts', 'on': ['customer_number']},
            ],
        },
    }}
) }}

-- A customer's inbound contacts in order, whatever the channel and however they ended: to give up on the phone and write a message
-- is a move too. With each client, a journey is over once the customer was quiet for longer than the largest window. What has not
-- ended is quiet from its start (JRN-1).
{% set longest_window_hours = fcr_windows() | last %}
{% set by_client = 'partition by customer_number, client_id order by started_at, contact_id' %}
with

contacts as (

    select * from {{ ref('fct_contacts') }}
    where {{ is_affected('contact_key') }}

),

steps as (

    select
        contact_id,
        contact_key,
        customer_number,
        client_id,
        started_at,
        row_number() over (partition by customer_number order by started_at, contact_id) as step,
        lag(channel) over ({{ by_client }}) as previous_channel,
        max(coalesce(ended_at, started_at)) over ({{ by_client }} rows between unbounded preceding and 1 preceding) as previous_ended_at
    from contacts
    where
        direction = 'inbound'
        and customer_number is not null

),

gaps as (

    select
        *,
        {{ gap_seconds('previous_ended_at', 'started_at') }} as quiet_seconds
    from steps

),

starts as (

    select
        *,
        case when {{ is_within('quiet_seconds', longest_window_hours) }} = 0 then step end as starting_step
    from gaps

),

final as (

    select
        contact_key,
        customer_number,
        client_id,
        cast(step as {{ dbt.type_bigint() }}) as step,
        cast(max(starting_step) over ({{ by_client }} rows between unbounded preceding and current row) as {{ dbt.type_bigint() }})
            as journey_first_step,
        case when starting_step is null then previous_channel end as previous_channel,
        case when starting_step is null then quiet_seconds end as quiet_seconds
    from starts

)

select * from final
