-- The rules for the weights of scorecards that the settings break. Empty, or the build stops with their messages.
with

weights as (

    select * from {{ ref('int_scorecards__weights') }}

),

roles as (

    select
        role,
        count(*) as kpis,
        sum(weight) as weights_sum,
        sum(weight * is_customer_experience) as customer_experience_weight
    from weights
    group by role

),

final as (

    select
        role,
        'at_most_5_kpis' as rule,
        'it has ' || kpis || ' KPIs; at most 5 are legal' as message
    from roles
    where kpis > 5
    union all
    select
        role,
        'weights_sum_to_100' as rule,
        'its weights sum to ' || cast(weights_sum as double) || '; they must sum to 100' as message
    from roles
    where weights_sum != 100
    union all
    select
        role,
        'half_on_customer_experience' as rule,
        cast(customer_experience_weight as double) || ' of its weights are on customer-experience KPIs; at least 50 must be' as message
    from roles
    where customer_experience_weight < 50
    union all
    select
        role,
        'no_weight_below_10' as rule,
        'the weight of ' || kpi || ' is ' || cast(weight as double) || '; none may be below 10' as message
    from weights
    where weight < 10
    union all
    select
        role,
        'only_kpis_of_agents' as rule,
        kpi || ' is no KPI that is reported per agent and has a better direction' as message
    from weights
    where can_be_scored = 0

)

select * from final
