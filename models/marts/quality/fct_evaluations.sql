-- Quality evaluations with what they found. Calibration sessions stay here and count nowhere; nor does anything count where no item of
-- any evaluation is known, since that no error was found would be no finding (QUA-4). Where only the total is known no error can be found
-- either: the evaluation counts in its score alone (QUA-6).
with

evaluations as (

    select * from {{ ref('int_evaluations__unioned') }}

),

places as (

    select * from {{ ref('int_evaluations__places') }}

),

points as (

    select * from {{ ref('int_evaluations__points') }}

),

scores as (

    select * from {{ ref('int_evaluations__scores') }}

),

known as (

    select
        case when count(*) > 0 then 1 else 0 end as has_any_items,
        coalesce(max(is_itemised), 0) as has_any_itemised
    from points

),

flagged as (

    select
        evaluation_id,
        agent_id,
        form,
        evaluated_at,
        case when is_calibration then 1 else 0 end as is_calibration
    from evaluations

),

final as (

    select
        flagged.evaluation_id,
        places.contact_id,
        places.client_id,
        places.site_id,
        places.team_id,
        {{ dimension_key('flagged.agent_id') }} as agent_id,
        places.queue_id,
        flagged.form,
        scores.evaluation_score,
        coalesce(points.points, 0) as points,
        coalesce(points.max_points, 0) as max_points,
        {% for section in evaluation_sections() %}
        coalesce(points.{{ section }}_points, 0) as {{ section }}_points,
        coalesce(points.{{ section }}_max_points, 0) as {{ section }}_max_points,
        coalesce(points.has_{{ section }}_items, 0) as has_{{ section }}_items,
        {% endfor %}
        {% for error_class in critical_error_classes() %}
        case when points.evaluation_id is null then 0 else points.has_{{ error_class }}_error end as has_{{ error_class }}_error,
        {% endfor %}
        case when points.evaluation_id is null then 0 else points.is_auto_failed end as is_auto_failed,
        places.is_known_contact,
        flagged.is_calibration,
        case when points.evaluation_id is null then 0 else 1 end as has_items,
        case when points.evaluation_id is null then known.has_any_itemised else points.is_itemised end as is_itemised,
        known.has_any_items * (1 - flagged.is_calibration) as is_counted,
        case when scores.evaluation_score is null then 0 else 1 - flagged.is_calibration end as is_scored,
        places.date_day,
        flagged.evaluated_at
    from flagged
    cross join known
    inner join places on flagged.evaluation_id = places.evaluation_id
    left join points on flagged.evaluation_id = points.evaluation_id
    left join scores on flagged.evaluation_id = scores.evaluation_id

)

select * from final
