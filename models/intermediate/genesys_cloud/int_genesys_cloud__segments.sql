-- A session is a row of segments: it rings, it talks, it is on hold, it is wrapped up.
with

sessions as (

    select * from {{ ref('int_genesys_cloud__sessions') }}
    where {{ is_affected('contact_id') }}

),

taken_apart as (

    {{ rows_of_json('sessions', ['contact_id', 'session_number'], 'segments') | indent(4) }}

),

timed as (

    select
        contact_id,
        session_number,
        element_number as segment_number,
        lower({{ json_text('element', '$.segmentType') }}) as segment_type,
        {{ instant_of_text(json_text('element', '$.segmentStart')) }} as started_at,
        {{ instant_of_text(json_text('element', '$.segmentEnd')) }} as ended_at,
        {{ json_text('element', '$.queueId') }} as queue_id,
        lower({{ json_text('element', '$.disconnectType') }}) as disconnect_type,
        {{ json_text('element', '$.wrapUpCode') }} as wrap_up_code
    from taken_apart

),

final as (

    select
        *,
        cast(round({{ seconds_between('started_at', 'ended_at') }} * 1000) as {{ dbt.type_bigint() }}) as milliseconds
    from timed

)

select * from final
