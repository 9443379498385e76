{{ config(
    materialized='incremental_by_key',
    unique_key=['own_contact_id'],
    meta={'incremental': {
        'key': ['own_contact_id'],
        'records': ['contact_id'],
        'inputs': {'stg_amazon_connect__contact_records': {'key': {'own_contact_id': 'contact_id'}}},
    }}
) }}

-- A contact record is a leg of the contact that its chain begins with. A supervisor who listens in, and a flow that runs after the
-- contact, are no legs.
with

contact_records as (

    select * from {{ ref('stg_amazon_connect__contact_records') }}
    where {{ is_affected('contact_id') }}

),

final as (

    select
        contact_id as own_contact_id,
        previous_contact_id,
        next_contact_id,
        disconnect_reason,
        agent_interaction_seconds,
        customer_hold_seconds,
        after_contact_work_seconds as acw_seconds,
        number_of_holds as hold_count,
        initiation_timestamp as initiated_at,
        scheduled_timestamp as scheduled_at,
        enqueue_timestamp as enqueued_at,
        connected_to_agent_timestamp as answered_at,
        transfer_completed_timestamp as transfer_completed_at,
        disconnect_timestamp as ended_at,
        updated_at,
        coalesce(initial_contact_id, contact_id) as contact_id,
        case when initial_contact_id is null then coalesce(previous_contact_id, related_contact_id) end as related_contact_id,
        upper(channel) as medium,
        subtype,
        upper(initiation_method) as initiation_method,
        case when campaign_id is null then 0 else 1 end as is_of_campaign,
        {{ known_as('amazon_connect', 'queue_id', "nullif(" ~ first_group('queue_arn', '([^/]*)$') ~ ", '')") | indent(8) }} as queue_id,
        {{ known_as('amazon_connect', 'agent_id', "nullif(" ~ first_group('agent_arn', '([^/]*)$') ~ ", '')") | indent(8) }} as agent_id,
        {{ contact_attribute('customer_id_attribute') }} as customer_id,
        {{ contact_attribute('account_number_attribute') }} as account_number,
        {{ contact_attribute('client_id_attribute') }} as client_id,
        {{ contact_attribute('reason_code_attribute') }} as reason_code,
        case
            when lower({{ contact_attribute('resolution_code_attribute') }}) in ('resolved', 'unresolved')
                then lower({{ contact_attribute('resolution_code_attribute') }})
        end as resolution_code,
        customer_endpoint_address as customer_address,
        system_endpoint_address as dialled_address,
        agent_connection_attempts - 1 as missed_attempts
    from contact_records
    where upper(initiation_method) not in ('MONITOR', 'DISCONNECT')

)

select * from final
