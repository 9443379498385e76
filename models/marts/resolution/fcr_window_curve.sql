-- How many repeats a window of so many hours catches, so that a window can be chosen with open eyes.
{% set longest_hours = 168 %}
with

contacts as (

    select * from {{ ref('fct_contact_resolution') }}

),

repeats as (

    select * from {{ ref('int_resolution__repeat_gaps') }}

),

hours as (

    {{ dbt.generate_series(longest_hours) }}

),

counted as (

    select
        channel,
        gap_hours,
        count(*) as repeats
    from repeats
    group by channel, gap_hours

),

channels as (

    select distinct channel
    from contacts

),

every_hour as (

    select
        channels.channel,
        cast(hours.generated_number as {{ dbt.type_bigint() }}) as gap_hours,
        coalesce(counted.repeats, 0) as repeats
    from channels
    cross join hours
    left join counted
        on
            channels.channel = counted.channel
            and hours.generated_number = counted.gap_hours

),

final as (

    select
        channel,
        gap_hours,
        repeats,
        cast(sum(repeats) over (partition by channel order by gap_hours rows between unbounded preceding and current row) as double)
        / nullif(sum(repeats) over (partition by channel), 0) as cumulative_share
    from every_hour

)

select * from final
