-- Contacts handled for all clients are those that the organization handled, on days on which every contact has a client.
with

organization_days as (

    select
        period_start as date_day,
        numerator as contacts
    from {{ ref('kpi_values') }}
    where kpi = 'contacts_handled'
        and period_grain = 'day'
        and level = 'organization'

),

client_days as (

    select
        period_start as date_day,
        sum(numerator) as contacts
    from {{ ref('kpi_values') }}
    where kpi = 'contacts_handled'
        and period_grain = 'day'
        and level = 'client'
    group by period_start

),

days_without_a_client as (

    select distinct date_day
    from {{ ref('fct_contacts') }}
    where client_id = 'unknown'

)

select
    organization_days.date_day,
    organization_days.contacts,
    client_days.contacts as contacts_of_clients
from organization_days
left join client_days on organization_days.date_day = client_days.date_day
where organization_days.date_day not in (select days_without_a_client.date_day from days_without_a_client)
    and coalesce(client_days.contacts, 0) != organization_days.contacts
