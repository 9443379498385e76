-- Legs under the contact that they belong to. A contact that was not put together with another one has its legs as they came.
with

legs as (

    select * from {{ ref('int_contact_legs__unioned') }}

),

leg_numbers as (

    select * from {{ ref('int_contacts__leg_numbers') }}

),

final as (

    select
        coalesce(leg_numbers.contact_id, legs.contact_id) as contact_id,
        coalesce(leg_numbers.leg_number, legs.leg_number) as leg_number,
        legs.contact_id as own_contact_id,
        legs.leg_number as own_leg_number,
        {%- for column in [
            'related_contact_id', 'client_id', 'channel', 'direction', 'initiation', 'queue_id', 'agent_id', 'customer_id', 'customer_address',
            'dialled_address', 'account_number', 'reason_code', 'started_at', 'enqueued_at', 'answered_at', 'ended_at', 'ring_seconds',
            'talk_seconds', 'hold_seconds', 'hold_count', 'acw_seconds', 'end_reason', 'resolution_code', 'updated_at', 'source',
        ] %}
        legs.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from legs
    left join leg_numbers
        on
            legs.contact_id = leg_numbers.own_contact_id
            and legs.leg_number = leg_numbers.own_leg_number

)

select * from final
