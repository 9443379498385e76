-- An evaluation's score is the share of points that it got. One item may fail it as a whole, which makes the score 0 however little
-- else was scored; without that, an evaluation in which there were no points to get has no score, rather than one of 0 (QUA-3).
with

points as (

    select * from {{ ref('int_evaluations__points') }}

),

final as (

    select
        evaluation_id,
        case
            {% if true_or_false('qa_auto_fail_scores_zero') %}
            when is_auto_failed = 1 then 0
            {% endif %}
            when max_points > 0 then points / max_points
        end as evaluation_score
    from points

)

select * from final
