-- The call records of calls that the queue log has not. Records of one call have one linkedid, or one uniqueid in older versions; a record
-- without either is a call. The halves of a Local channel repeat a call between others, and are left out. A channel that bears the number
-- which an outsider dialled is the line that the call came in by, whatever its number.
{%- set instances = instances_of('asterisk') %}
{%- set bare_id = without_instance('cdr.contact_id', instances) if instances else 'cdr.contact_id' %}
with

cdr as (

    select
        *,
        coalesce(linkedid, uniqueid, 'line-' || cast(line_key as {{ dbt.type_string() }})) as contact_id
    from {{ ref('stg_asterisk__cdr') }}

),

queue_calls as (

    select distinct callid
    from {{ ref('int_asterisk__lines') }}

),

in_queues as (

    select cdr.contact_id
    from cdr
    inner join queue_calls on cdr.contact_id = queue_calls.callid
    union
    select cdr.contact_id
    from cdr
    inner join queue_calls on cdr.uniqueid = queue_calls.callid

),

phones as (

    select
        *,
        case
            when
                {{ name_of_channel('calling_channel') }} = dst
                and not coalesce({{ is_extension('src') }}, false)
                then null
            else {{ phone_of('calling_channel') }}
        end as calling_phone,
        {{ phone_of('called_channel') }} as called_phone
    from cdr

),

final as (

    select
        cdr.contact_id,
        left(cdr.contact_id, length(cdr.contact_id) - length({{ bare_id }})) as instance,
        cdr.calling_phone,
        cdr.called_phone,
        cdr.src as calling_number,
        cdr.dst as called_number,
        cdr.did as dialled_in_number,
        case when upper(cdr.disposition) = 'ANSWERED' then 1 else 0 end as is_answered,
        case when upper(cdr.lastapp) in ('VOICEMAIL', 'MINIVMRECORD') then 1 else 0 end as is_voicemail,
        case when upper(cdr.disposition) = 'BUSY' then 1 else 0 end as is_busy,
        case when upper(cdr.disposition) in ('FAILED', 'CONGESTION') then 1 else 0 end as is_failed,
        case
            when upper(cdr.disposition) = 'ANSWERED' and cdr.billsec > 0 and cdr.called_channel is not null and cdr.called_phone is null
                then 1
            else 0
        end as is_passed_on,
        cdr.duration as duration_seconds,
        cdr.billsec as talk_seconds,
        cdr.line_number,
        {{ start_of('cdr.started_at', 'cdr.ended_at', 'cdr.duration') }} as started_at,
        {{ start_of('cdr.answered_at', 'cdr.ended_at', 'cdr.billsec') }} as answered_at,
        cdr.ended_at
    from phones as cdr
    left join in_queues on cdr.contact_id = in_queues.contact_id
    where
        in_queues.contact_id is null
        and cdr.calling_channel not like 'Local/%'

)

select * from final
