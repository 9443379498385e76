-- What each KPI means, from the semantic layer.
{%- set rows = [] %}
{%- for kpi in kpi_definitions() %}
    {%- do rows.append({
        'kpi': text_literal(kpi.kpi),
        'name': text_literal(kpi.name),
        'description': text_literal(kpi.description),
        'domain': text_literal(kpi.meta.domain),
        'family': text_literal(kpi.meta.family),
        'unit': text_literal(kpi.meta.unit),
        'direction': text_literal(kpi.meta.direction),
        'headline_kpi': text_literal(kpi.headline),
        'levels': text_literal(kpi.meta.levels | join(', ')),
        'formula': text_literal(kpi_formula(kpi)),
        'period_grains': text_literal(kpi.period_grains | join(', ')),
        'aggregation': text_literal(kpi.aggregation),
        'unknown_member': text_literal(kpi.meta.get('unknown_member', 'unknown')),
        'interval_method': text_literal(kpi.meta.interval),
        'numerator_fact': text_literal(kpi.numerator.fact),
        'numerator_sql': text_literal(kpi.numerator.expr),
        'denominator_fact': text_literal((kpi.denominator or kpi.numerator).fact),
        'denominator_sql': text_literal(kpi.denominator.expr) if kpi.denominator else 'null',
        'scale': 'cast(' ~ kpi.meta.scale ~ ' as double)',
        'minimum_value': 'cast(' ~ kpi.meta.get('minimum_value', 'null') ~ ' as double)',
        'maximum_value': 'cast(' ~ kpi.meta.get('maximum_value', 'null') ~ ' as double)',
        'minimum_sample': 'cast(' ~ kpi.meta.minimum_sample ~ ' as ' ~ dbt.type_bigint() ~ ')',
        'suppress_below': 'cast(' ~ kpi.meta.get('suppress_below', 0) ~ ' as ' ~ dbt.type_bigint() ~ ')',
        'is_absent_without_numerator': 1 if kpi.meta.get('absent_without_numerator') else 0,
        'text_key': text_literal(modules.re.sub('_[0-9]+h$', '_{hours}h', kpi.kpi)),
        'horizon_hours': 'cast(' ~ kpi.meta.horizon_hours ~ ' as ' ~ dbt.type_bigint() ~ ')',
    }) %}
{%- endfor %}
with

final as (

    {{ literal_rows(rows) | indent(4) }}

)

select * from final
