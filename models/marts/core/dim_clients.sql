-- Outsourcing clients: the listed ones, those that appear without being listed, and `unknown`.
with

clients as (

    select * from {{ ref('int_clients__unioned') }}

),

queues as (

    select * from {{ ref('int_queues__unioned') }}

),

contact_legs as (

    select * from {{ ref('int_contact_legs__unioned') }}

),

sessions as (

    select * from {{ ref('int_self_service_sessions__unioned') }}

),

customers as (

    select * from {{ ref('int_customers__unioned') }}

),

operating_costs as (

    select * from {{ ref('int_operating_costs__unioned') }}

),

members as (

    select client_id
    from clients
    union distinct
    select client_id
    from queues
    where client_id is not null
    union distinct
    select client_id
    from contact_legs
    where client_id is not null
    union distinct
    select client_id
    from sessions
    where client_id is not null
    union distinct
    select client_id
    from customers
    where client_id is not null
    union distinct
    select client_id
    from operating_costs
    where client_id is not null
    union distinct
    select 'unknown' as client_id

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
