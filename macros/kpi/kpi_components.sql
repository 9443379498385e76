{% macro kpi_components(semantic_model_name) %}
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
    {%- set rows = [] -%}
    {%- for kpi in kpis -%}
        {%- set row = {
            'kpi': text_literal(kpi.kpi),
            'level_id': 'level_id',
            'numerator': component_of(kpi.numerator, semantic_model_name, 'null'),
            'denominator': component_of(kpi.denominator, semantic_model_name),
            'sum_of_squares': component_of(kpi.sum_of_squares, semantic_model_name),
            'sample_size': component_of(kpi.sample, semantic_model_name),
            'is_reported': "level in ('" ~ kpi.meta.levels | join("', '") ~ "')",
        } -%}
        {%- if 'unknown_member' in kpi.meta -%}
            {%- do row.update({'level_id': "case when level_id = 'unknown' then " ~ text_literal(kpi.meta.unknown_member) ~ ' else level_id end'}) -%}
        {%- endif -%}
        {%- if kpi.denominator and kpi.denominator.semantic_model == kpi.numerator.semantic_model -%}
            {%- set counted = [row.numerator, row.denominator] + ([row.sample_size] if kpi.sample else []) -%}
            {%- do row.update({'is_reported': row.is_reported ~ ' and (' ~ counted | join(' != 0 or ') ~ ' != 0)'}) -%}
        {%- endif -%}
        {%- do rows.append(row) -%}
    {%- endfor -%}
    {%- set levels = [] -%}
    {%- for level, column in level_columns().items() if column in dimensions -%}
        {%- do levels.append({'level': level, 'column': column}) -%}
    {%- endfor -%}

with

fact as (

    select * from {{ semantic_model.node_relation.relation_name }}
    where
        date_day is not null
        and {{ is_affected('date_day') }}

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

    {{ unpivoted('days', ['date_day', 'level'], rows) | indent(4) }}

),

final as (

    select
        kpi,
        date_day,
        level,
        level_id,
        numerator,
        denominator,
        sum_of_squares,
        sample_size
    from components
    where
        is_reported
        and level_id != 'unknown'

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
