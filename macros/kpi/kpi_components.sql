{% macro kpi_components(semantic_model_name, scope=none) %}
    {%- if not execute -%}
        select 1
        {{- return('') -}}
    {%- endif -%}
    {%- set semantic_model = graph.semantic_models.values() | selectattr('name', 'equalto', semantic_model_name) | first -%}
    {%- set dimensions = semantic_model.dimensions | map(attribute='name') | list -%}
    {%- set measures = {} -%}
    {%- set kpis = [] -%}
    {%- for kpi in kpi_definitions() -%}
        {%- set sides = [kpi.numerator, kpi.denominator, kpi.sum_of_squares, kpi.sample] | select | selectattr('semantic_model', 'equalto', semantic_model_name) | list -%}
        {%- for measure in sides -%}
            {%- do measures.update({measure.name: measure.expr}) -%}
        {%- endfor -%}
        {%- if sides -%}
            {%- do kpis.append(kpi) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set levels = [] -%}
    {%- for level, column in level_columns().items() if column in dimensions -%}
        {%- do levels.append({'level': level, 'column': column}) -%}
    {%- endfor -%}

with

fact as (

    select * from {{ semantic_model.node_relation.relation_name }}
    where {{ in_scope('date_day', scope, 'date') }}

),

days as (

    select
        date_day,
        case
            {%- for level in levels %}
            when grouping({{ level.column }}) = 0 then '{{ level.level }}'
            {%- endfor %}
            else 'organization'
        end as level,
        coalesce({{ levels | map(attribute='column') | join(', ') }}, 'all') as level_id,
        {%- for measure, expression in measures.items() %}
        cast(sum({{ expression }}) as double) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from fact
    group by grouping sets (
        (date_day),
        {%- for level in levels %}
        (date_day, {{ level.column }}){{ ',' if not loop.last }}
        {%- endfor %}
    )

),

components as (
    {% for kpi in kpis %}
    select
        '{{ kpi.kpi }}' as kpi,
        date_day,
        level,
        {% if 'unknown_member' in kpi.meta -%}
        case when level_id = 'unknown' then '{{ kpi.meta.unknown_member }}' else level_id end as level_id,
        {%- else -%}
        level_id,
        {%- endif %}
        {{ component_of(kpi.numerator, semantic_model_name, 'null') }} as numerator,
        {{ component_of(kpi.denominator, semantic_model_name) }} as denominator,
        {{ component_of(kpi.sum_of_squares, semantic_model_name) }} as sum_of_squares,
        {{ component_of(kpi.sample, semantic_model_name) }} as sample_size
    from days
    where level in ('{{ kpi.meta.levels | join("', '") }}')
        {%- if kpi.denominator and kpi.denominator.semantic_model == kpi.numerator.semantic_model %}
        and (
            {{ kpi.numerator.name }} != 0
            or {{ kpi.denominator.name }} != 0
            {%- if kpi.sample and kpi.sample.semantic_model == semantic_model_name %}
            or {{ kpi.sample.name }} != 0
            {%- endif %}
        )
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select *
    from components
    where level_id != 'unknown'

)

select * from final
{%- endmacro %}


{% macro component_of(measure, semantic_model_name, elsewhere=0) -%}
    {%- if not measure -%}
        cast(null as double)
    {%- elif measure.semantic_model == semantic_model_name -%}
        {{ measure.name }}
    {%- else -%}
        cast({{ elsewhere }} as double)
    {%- endif -%}
{%- endmacro %}
