{{ config(
    materialized='incremental_by_key',
    unique_key=['own_contact_id'],
    meta={'incremental': {
        'key': ['own_contact_id'],
        'records': ['contact_id'],
        'inputs': {
            'stg_amazon_connect__contact_records': {'key': {'own_contact_id': 'contact_id'}},
            'stg_amazon_connect__lake_contact_records': {'key': {'own_contact_id': 'contact_id'}},
        },
    }}
) }}

-- A contact record is a leg of the contact that its chain begins with. A supervisor who listens in, and a flow that runs after the
-- contact, are no legs. A record may come from the stream, the data lake or both: the newer counts (AWS-10).
{%- set columns = [
    'contact_id', 'initial_contact_id', 'previous_contact_id', 'next_contact_id', 'related_contact_id', 'channel', 'subtype',
    'initiation_method', 'campaign_id', 'initiation_timestamp', 'scheduled_timestamp', 'enqueue_timestamp',
    'connected_to_agent_timestamp', 'transfer_completed_timestamp', 'disconnect_timestamp', 'queue_arn', 'agent_arn',
    'agent_interaction_seconds', 'customer_hold_seconds', 'number_of_holds', 'after_contact_work_seconds',
    'agent_connection_attempts', 'disconnect_reason', 'customer_endpoint_address', 'system_endpoint_address', 'attributes',
    'updated_at',
] %}
with

streamed as (

    select * from {{ ref('stg_amazon_connect__contact_records') }}
    where {{ is_affected('contact_id') }}

),

of_the_lake as (

    select
        *,
        queue_enqueue_timestamp as enqueue_timestamp,
        agent_connected_to_agent_timestamp as connected_to_agent_timestamp,
        queue_id as queue_arn,
        agent_id as agent_arn,
        cast(round(agent_interaction_duration_ms / 1000.0) as {{ dbt.type_bigint() }}) as agent_interaction_seconds,
        cast(round(agent_customer_hold_duration_ms / 1000.0) as {{ dbt.type_bigint() }}) as customer_hold_seconds,
        agent_number_of_holds as number_of_holds,
        cast(round(agent_after_contact_work_duration_ms / 1000.0) as {{ dbt.type_bigint() }}) as after_contact_work_seconds,
        {{ json_text('attributes_json', '$') }} as attributes,
        last_update_timestamp as updated_at
    from {{ ref('stg_amazon_connect__lake_contact_records') }}
    where {{ is_affected('contact_id') }}

),

unioned as (

    select
        {{ columns | join(', ') }},
        1 as is_streamed
    from streamed
    union all
    select
        {{ columns | join(', ') }},
        0 as is_streamed
    from of_the_lake

),

ranked as (

    select
        *,
        row_number() over (
            partition by contact_id order by {{ dbt.date_trunc('second', 'updated_at') }} desc, is_streamed desc, updated_at desc
        ) as rank_from_newest
    from unioned

),

contact_records as (

    select * from ranked
    where rank_from_newest = 1

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
