-- Of an evaluation's questions a conversation tells nothing but the total, in percent: one item of the section total, which counts in the
-- score and in no section. Whether an error was critical, and for whom, is not told (GEN-7).
with

scored as (

    select * from {{ ref('int_genesys_cloud__scored_evaluations') }}

),

final as (

    select
        evaluation_id,
        cast(1 as {{ dbt.type_bigint() }}) as item_number,
        'total' as section,
        total_score as score,
        cast(100 as decimal(18, 6)) as max_score,
        evaluated_at as updated_at
    from scored

)

select * from final
