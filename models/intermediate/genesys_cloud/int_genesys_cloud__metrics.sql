-- What a session recorded of itself, in milliseconds. What it did not record is null.
with

sessions as (

    select * from {{ ref('int_genesys_cloud__sessions') }}
    where {{ is_affected('contact_id') }}

),

taken_apart as (

    {{ rows_of_json('sessions', ['contact_id', 'session_number'], 'metrics') | indent(4) }}

),

named as (

    select
        contact_id,
        session_number,
        {{ json_text('element', '$.name') }} as metric,
        cast({{ json_text('element', '$.value') }} as double) as amount
    from taken_apart

),

final as (

    select
        contact_id,
        session_number,
        cast(sum(case when metric = 'tTalk' then amount end) as {{ dbt.type_bigint() }}) as talk_ms,
        cast(sum(case when metric = 'tHeld' then amount end) as {{ dbt.type_bigint() }}) as held_ms,
        cast(sum(case when metric = 'tAcw' then amount end) as {{ dbt.type_bigint() }}) as acw_ms,
        max(case when metric = 'tAbandon' then 1 else 0 end) as has_abandoned,
        max(
            case when metric in ('nTransferred', 'nBlindTransferred', 'nConsultTransferred') and amount > 0 then 1 else 0 end
        ) as has_transferred
    from named
    group by contact_id, session_number

)

select * from final
