{{ config(materialized='table') }}

-- The month's rate from a currency to the reporting one, by way of the euro; from that one to itself it is 1 (SAL-1). An amount that can't
-- be converted has no place in a sum: the build stops and names all rates that are missing.
{% set reporting = reporting_currency() %}
with

needed as (

    select * from {{ ref('int_exchange_rates__needed') }}

),

missing as (

    select
        month_start,
        currency
    from needed
    where
        currency != '{{ reporting }}'
        and rate_to_eur is null
    union distinct
    select
        month_start,
        '{{ reporting }}' as currency
    from needed
    where
        currency != '{{ reporting }}'
        and reporting_rate_to_eur is null

),

named as (

    select currency || ' for ' || substring(cast(month_start as {{ dbt.type_string() }}), 1, 7) as name
    from missing

),

complaint as (

    select {{ dbt.listagg('name', "', '", 'order by name') }} as missing_rates
    from named

),

final as (

    select
        needed.month_start,
        needed.currency,
        cast(
            case
                when complaint.missing_rates is not null then {{ raise_error(
                    "'Exchange rates are missing: ' || complaint.missing_rates || '. Add a row for each to seeds/settings/exchange_rates.csv.'"
                ) }}
                when needed.currency = '{{ reporting }}' then 1
                else needed.rate_to_eur / needed.reporting_rate_to_eur
            end as decimal(20, 12)
        ) as exchange_rate
    from needed
    cross join complaint

)

select * from final
