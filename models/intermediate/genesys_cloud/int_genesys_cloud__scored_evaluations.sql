{{ config(
    materialized='incremental_by_key',
    unique_key=['evaluation_id'],
    meta={'incremental': {'records': ['evaluation_id', 'contact_id']}}
) }}

-- Evaluations that count in Genesys Cloud's own scores, released to the agent or not: the newest score of each that was finished. One that
-- is pending or in progress has no score yet; one that was retracted, or deleted, has none any more (GEN-8).
with

conversations as (

    select * from {{ ref('stg_genesys_cloud__conversations') }}
    where evaluations is not null

),

taken_apart as (

    {{ rows_of_json('conversations', ['contact_id'], 'evaluations') | indent(4) }}

),

named as (

    select
        contact_id,
        element_number,
        {{ json_text('element', '$.evaluationId') }} as evaluation_id,
        {{ json_text('element', '$.userId') }} as user_id,
        coalesce({{ json_text('element', '$.formName') }}, {{ json_text('element', '$.formId') }}) as form,
        lower({{ json_text('element', '$.evaluationStatus') }}) as evaluation_status,
        lower(coalesce({{ json_text('element', '$.deleted') }}, 'false')) as deleted,
        {{ json_text('element', '$.calibrationId') }} as calibration_id,
        {{ instant_of_text(json_text('element', '$.eventTime')) }} as evaluated_at,
        try_cast({{ json_text('element', '$.oTotalScore') }} as double) as total_score
    from taken_apart

),

ranked as (

    select
        *,
        row_number() over (
            partition by evaluation_id
            order by evaluated_at desc, contact_id desc, element_number desc
        ) as rank_from_newest
    from named
    where
        evaluation_id is not null
        -- Where landing would let an event in (LND-13).
        and evaluated_at >= {{ dbt.dateadd('day', 1, "cast('" ~ var('calendar_starts_on') ~ "' as timestamp)") }}
        and evaluated_at < {{ dbt.dateadd('day', -2, "cast('" ~ var('calendar_ends_before') ~ "' as timestamp)") }}

),

final as (

    select
        ranked.evaluation_id,
        ranked.contact_id,
        {{ known_as('genesys_cloud', 'agent_id', 'ranked.user_id') | indent(8) }} as agent_id,
        ranked.evaluated_at,
        ranked.form,
        ranked.calibration_id is not null as is_calibration,
        cast(ranked.total_score as decimal(18, 6)) as total_score
    from ranked
    where
        ranked.rank_from_newest = 1
        and ranked.deleted != 'true'
        and coalesce(ranked.evaluation_status, 'finished') in ('finished', 'inreview')
        and ranked.total_score between 0 and 100

)

select * from final
