-- A line in one form: the event's values stand in columns of their own, in whichever form of the log they came. NONE is nobody and no call.
{%- set instances = instances_of('asterisk') %}
with

queue_log as (

    select * from {{ ref('stg_asterisk__queue_log') }}

),

final as (

    select
        callid,
        {{ 'left(callid, length(callid) - length(' ~ without_instance('callid', instances) ~ '))' if instances else "''" }} as instance,
        nullif(queuename, 'NONE') as queue_id,
        nullif(agent, 'NONE') as agent_id,
        upper(event) as event,
        {%- for number in range(1, 6) %}
        case
            when data is null then data{{ number }}
            else nullif({{ dbt.split_part('data', "'|'", number) }}, '')
        end as data{{ number }},
        {%- endfor %}
        line_number,
        line_key,
        logged_at
    from queue_log

)

select * from final
