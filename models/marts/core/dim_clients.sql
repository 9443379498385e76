-- Outsourcing clients: the listed ones, those that appear without being listed, and `unknown`.
with

clients as (

    select * from {{ ref('stg_reference__clients') }}

),

queues as (

    select * from {{ ref('stg_reference__queues') }}

),

contact_legs as (

    select * from {{ ref('int_contact_legs__all_sources') }}

),

sessions as (

    select * from {{ ref('stg_acd__ivr_sessions') }}

),

customers as (

    select * from {{ ref('stg_crm__customers') }}

),

operating_costs as (

    select * from {{ ref('stg_finance__operating_costs') }}

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
