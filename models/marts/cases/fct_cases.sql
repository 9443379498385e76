{{ config(
    materialized='incremental_by_key',
    unique_key=['case_id'],
    meta={'incremental': {
        'key': ['case_id'], 'records': ['date_day'],
        'inputs': {
            'int_customers__unioned': {'through': 'int_cases__unioned', 'on': ['customer_id']},
            'int_contacts__put_together': {'through': 'int_cases__unioned', 'on': {'contact_id': 'own_contact_id'}},
        },
    }}
) }}

-- Cases count for the client of their customer. One is closed until it is opened again; when it was open in between is not recorded.
-- depends_on: {{ ref('int_identity__pseudonym_key') }}
with

cases as (

    select * from {{ ref('int_cases__unioned') }}
    where {{ is_affected('case_id') }}

),

customers as (

    select * from {{ ref('int_customers__unioned') }}

),

local_days as (

    select * from {{ ref('int_time__local_days') }}

),

placed as (

    select
        cases.*,
        {{ contact_of('cases.contact_id') }} as belongs_to_contact_id,
        customers.client_id,
        opened_days.date_day,
        closed_days.date_day as closed_day,
        {{ pseudonym("'customer ' || cases.customer_id") }} as customer_key
    from cases
    {{ join_contact('cases.contact_id') }}
    left join customers on cases.customer_id = customers.customer_id
    left join local_days as opened_days on {{ is_on_local_day('opened_days', 'cases.opened_at', "'" ~ reporting_timezone() ~ "'") }}
    left join local_days as closed_days on {{ is_on_local_day('closed_days', 'cases.closed_at', "'" ~ reporting_timezone() ~ "'") }}

),

final as (

    select
        case_id,
        belongs_to_contact_id as contact_id,
        {{ dimension_key('client_id') }} as client_id,
        {{ dimension_key('reason_code') }} as reason_code,
        customer_key,
        status,
        reopened_count,
        reply_count,
        requester_wait_seconds,
        -- An answer that is older than its case was there at once (CAS-4).
        case
            when first_response_at is not null then greatest({{ seconds_between('opened_at', 'first_response_at') }}, 0)
        end as first_response_seconds,
        case when first_response_at is not null then first_response_business_seconds end as first_response_business_seconds,
        case when closed_at is null then 0 else 1 end as is_closed,
        case when closed_at is not null and reopened_count > 0 then 1 else 0 end as is_reopened,
        case when first_response_at is null then 0 else 1 end as has_first_response,
        date_day,
        closed_day,
        opened_at,
        first_response_at,
        closed_at
    from placed

)

select * from final
