-- What an event says of a call in a queue, and where its durations stand: they are in seconds, those of rings in milliseconds.
-- Events that are not listed here say nothing of a call.
{%- set turned_away = {
    'JOINEMPTY': 'no_agents', 'FULL': 'queue_full', 'CLOSED': 'closed', 'DIVERT_CA_RATIO': 'overflowed', 'DIVERT_HOLDTIME': 'overflowed',
} %}
{%- set left = {
    'ABANDON': 'abandoned', 'EXITWITHTIMEOUT': 'timed_out', 'EXITEMPTY': 'no_agents', 'LEAVEEMPTY': 'no_agents', 'SYSCOMPAT': 'failed',
} %}
{%- set finished = {
    'COMPLETEAGENT': 'completed', 'COMPLETECALLER': 'completed',
    'BLINDTRANSFER': 'transferred', 'ATTENDEDTRANSFER': 'transferred', 'TRANSFER': 'transferred',
} %}
{%- set others = ['ENTERQUEUE', 'RINGNOANSWER', 'RINGCANCELED', 'AGENTDUMP', 'CONNECT', 'EXITWITHKEY'] %}
with

lines as (

    select * from {{ ref('int_asterisk__lines') }}

),

of_calls as (

    select
        *,
        case
            when event = 'ENTERQUEUE' then 'entered'
            when
                event in (
                    {%- for word in turned_away %}
                    '{{ word }}'{{ ',' if not loop.last }}
                    {%- endfor %}
                )
                then 'turned_away'
            when event in ('RINGNOANSWER', 'RINGCANCELED', 'AGENTDUMP') then 'rung'
            when event = 'CONNECT' then 'connected'
            when
                event in (
                    {%- for word in left %}
                    '{{ word }}',
                    {%- endfor %}
                    'EXITWITHKEY'
                )
                then 'left'
            when
                event in (
                    {%- for word in finished %}
                    '{{ word }}'{{ ',' if not loop.last }}
                    {%- endfor %}
                )
                then 'finished'
        end as kind,
        case
            when event in ('CONNECT', 'COMPLETEAGENT', 'COMPLETECALLER') then data1
            when event = 'EXITWITHKEY' or data1 = 'LINK' then data4
            else data3
        end as wait_given,
        case
            when event in ('COMPLETEAGENT', 'COMPLETECALLER') then data2
            when event = 'ATTENDEDTRANSFER' and data1 = 'LINK' then {{ dbt.split_part('data5', "'|'", 1) }}
            when event in ('BLINDTRANSFER', 'ATTENDEDTRANSFER', 'TRANSFER') then data4
        end as talk_given,
        case
            when event in ('RINGNOANSWER', 'RINGCANCELED') then data1
            when event = 'CONNECT' then data3 || '000'
        end as ring_given
    from lines
    where
        event in (
            {%- for word in others + turned_away.keys() | list + left.keys() | list + finished.keys() | list %}
            '{{ word }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
        and callid != instance || 'NONE'

),

final as (

    select
        {{ integer_key("callid || '|' || coalesce(queue_id, '')") }} as call_queue_key,
        callid,
        instance,
        queue_id,
        agent_id,
        event,
        kind,
        case
            when event = 'EXITWITHKEY' then {{ exit_key_reason('data1') }}
            {%- for word, reason in (turned_away.items() | list + left.items() | list + finished.items() | list) %}
            when event = '{{ word }}' then '{{ reason }}'
            {%- endfor %}
        end as end_reason,
        case when event = 'ENTERQUEUE' then data2 end as customer_address,
        case when kind in ('connected', 'left', 'finished') then {{ whole_seconds('wait_given') }} end as wait_seconds,
        {{ whole_seconds('talk_given') }} as talk_seconds,
        {{ whole_seconds('ring_given', 2592000000) }} as ring_milliseconds,
        line_number,
        line_key,
        logged_at
    from of_calls

)

select * from final
