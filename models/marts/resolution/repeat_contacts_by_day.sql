-- How many customers came back, and after how many days: the shape in which repeat calls are usually reported. A repeat counts on the row
-- of its head, the first contact, in the column of its day.
with

heads as (

    select * from {{ ref('int_resolution__repeats_by_head') }}
    where
        date_day is not null

),

final as (

    select
        date_day,
        channel,
        queue_id,
        reason_code,
        {% for day in range(1, 8) %}
        cast(sum(contacts_n_{{ day }}) as {{ dbt.type_bigint() }}) as contacts_n_{{ day }},
        {% endfor %}
        count(*) as contacts_n
    from heads
    group by date_day, channel, queue_id, reason_code

)

select * from final
