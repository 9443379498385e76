{{ config(materialized='table') }}

-- The month's rate from each currency that orders and costs are in to the reporting currency, by way of the euro. An amount that
-- can't be converted has no place in a sum: the build stops and names all rates that are missing.
{% set reporting = reporting_currency() %}
with

orders as (

    select * from {{ ref('int_orders__credited') }}

),

operating_costs as (

    select * from {{ ref('int_operating_costs__by_month') }}

),

rates as (

    select * from {{ ref('exchange_rates') }}

),

used as (

    select
        month,
        currency
    from orders
    union distinct
    select
        month,
        currency
    from operating_costs

),

looked_up as (

    select
        used.month,
        used.currency,
        case when used.currency = 'EUR' then 1 else rates.rate_to_eur end as rate_to_eur,
        case when '{{ reporting }}' = 'EUR' then 1 else reporting_rates.rate_to_eur end as reporting_rate_to_eur
    from used
    left join rates
        on
            used.month = rates.month
            and used.currency = rates.currency
    left join rates as reporting_rates
        on
            used.month = reporting_rates.month
            and reporting_rates.currency = '{{ reporting }}'

),

missing as (

    select
        month,
        currency
    from looked_up
    where
        currency != '{{ reporting }}'
        and rate_to_eur is null
    union distinct
    select
        month,
        '{{ reporting }}' as currency
    from looked_up
    where
        currency != '{{ reporting }}'
        and reporting_rate_to_eur is null

),

complaint as (

    select {{ dbt.listagg("currency || ' of ' || substring(cast(month as " ~ dbt.type_string() ~ "), 1, 7)", "', '", "order by month, currency") }} as rates
    from missing

),

final as (

    select
        looked_up.month,
        looked_up.currency,
        cast(
            case
                when complaint.rates is not null then {{ raise_error(
                    "'Exchange rates are missing: ' || complaint.rates || '. Add a row for each to seeds/settings/exchange_rates.csv.'"
                ) }}
                when looked_up.currency = '{{ reporting }}' then 1
                else looked_up.rate_to_eur / looked_up.reporting_rate_to_eur
            end as decimal(20, 12)
        ) as exchange_rate
    from looked_up
    cross join complaint

)

select * from final
