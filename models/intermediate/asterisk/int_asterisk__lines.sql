-- A line in one form, with the ids that the warehouse knows: the event's values stand in columns of their own, in whichever form of the
-- log they came. NONE is nobody and no call.
{%- set instances = instances_of('asterisk') %}
with

queue_log as (

    select * from {{ ref('stg_asterisk__queue_log') }}

),

parts as (

    select
        callid,
        {{ 'left(callid, length(callid) - length(' ~ without_instance('callid', instances) ~ '))' if instances else "''" }} as instance,
        nullif(queuename, 'NONE') as queue_name,
        nullif(agent, 'NONE') as member,
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

),

final as (

    select
        callid,
        instance,
        {{ known_as('asterisk', 'queue_id', 'instance || queue_name', otherwise='queue_name') | indent(8) }} as queue_id,
        {{ known_as('asterisk', 'agent_id', 'instance || member', otherwise='member') | indent(8) }} as agent_id,
        member,
        event,
        {%- for number in range(1, 6) %}
        data{{ number }},
        {%- endfor %}
        line_number,
        line_key,
        logged_at
    from parts

)

select * from final
