-- The evaluations of conversations, in the columns of qa.evaluations.
with

scored as (

    select * from {{ ref('int_genesys_cloud__scored_evaluations') }}

),

final as (

    select
        evaluation_id,
        contact_id,
        agent_id,
        evaluated_at,
        form,
        is_calibration,
        evaluated_at as updated_at
    from scored

)

select * from final
