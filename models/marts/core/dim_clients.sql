-- Outsourcing clients: the listed ones, those that appear without being listed, and `unknown`.
with

clients as (

    select * from {{ ref('int_clients__unioned') }}

),

members as (

    {{ members_of('client_id', {
        'int_clients__unioned': 'client_id',
        'int_queues__listed': 'client_id',
        'int_contact_legs__unioned': 'client_id',
        'int_self_service_sessions__unioned': 'client_id',
        'int_customers__unioned': 'client_id',
        'int_operating_costs__unioned': 'client_id',
    }) | indent(4) }}

),

final as (

    select
        members.client_id,
        clients.industry,
        coalesce(clients.client_name, members.client_id) as client_name,
        case when clients.client_id is null then 0 else 1 end as is_listed
    from members
    left join clients on members.client_id = clients.client_id

)

select * from final
