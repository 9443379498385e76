{{ config(
    materialized='incremental_by_key',
    unique_key=['customer_key'],
    meta={'incremental': {'key': ['customer_key']}}
) }}

-- Customers under their pseudonyms, those of the CRM and those known by an address alone; nothing here says who they are.
with

customers as (

    select * from {{ ref('int_identity__customers') }}
    where {{ is_affected('customer_key') }}

),

identities as (

    select * from {{ ref('int_identity__resolved') }}
    where
        customer_key is not null
        and {{ is_affected('customer_key') }}

),

-- How contacts and sessions led to each customer. One number stands for one key, and is quicker to group by.
methods as (

    select
        customer_number,
        {{ dbt.any_value('customer_key') }} as customer_key,
        cast(
            {% for method in ['customer_id', 'account', 'address_match', 'address'] -%}
            max(case when identity_method = '{{ method }}' then 1 else 0 end){{ ' +' if not loop.last }}
            {% endfor %}
            as {{ dbt.type_bigint() }}
        ) as identity_methods
    from identities
    group by customer_number

),

-- Most were found without an address.
forms as (

    select
        customer_number,
        count(distinct spelling_key) as address_forms
    from identities
    where spelling_key is not null
    group by customer_number

),

found as (

    select
        methods.customer_number,
        methods.customer_key,
        methods.identity_methods,
        coalesce(forms.address_forms, 0) as address_forms
    from methods
    left join forms on methods.customer_number = forms.customer_number

),

final as (

    select
        coalesce(customers.customer_key, found.customer_key) as customer_key,
        coalesce(customers.customer_number, found.customer_number) as customer_number,
        {{ dimension_key('customers.client_id') }} as client_id,
        customers.segment,
        coalesce(found.address_forms, 0) as address_forms,
        coalesce(found.identity_methods, 0) as identity_methods,
        case when customers.customer_key is not null then 1 else 0 end as is_listed,
        customers.created_at
    from customers
    full join found on customers.customer_number = found.customer_number
    union all
    select
        'unknown' as customer_key,
        cast(null as {{ dbt.type_bigint() }}) as customer_number,
        'unknown' as client_id,
        null as segment,
        0 as address_forms,
        0 as identity_methods,
        0 as is_listed,
        null as created_at
    where {{ is_affected("'unknown'") }}

)

select * from final
