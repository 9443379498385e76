{% macro kpi_definitions() %}
    {%- set definitions = [] -%}
    {%- for metric in (graph.metrics.values() if execute else []) | sort(attribute='name') if 'levels' in metric.config.meta -%}
        {%- set meta = metric.config.meta -%}
        {%- for level in meta.levels if level not in level_columns() -%}
            {{- exceptions.raise_compiler_error(
                'Metric ' ~ metric.name ~ ' names the level ' ~ level ~ '; legal levels are ' ~ level_columns().keys() | join(', ')
            ) -}}
        {%- endfor -%}
        {%- set period_grains = meta.get('period_grains', ['day', 'week', 'month']) -%}
        {%- for grain in period_grains if grain not in legal_period_grains() -%}
            {{- exceptions.raise_compiler_error(
                'Metric ' ~ metric.name ~ ' names the period grain ' ~ grain ~ '; legal ones are ' ~ legal_period_grains() | join(', ')
            ) -}}
        {%- endfor -%}
        {#- A derived metric gives a ratio its scale: points are 100 times a ratio. -#}
        {%- set ratio = metric_named(metric.type_params.metrics[0].name) if metric.type == 'derived' else metric -%}
        {%- if ratio.type == 'ratio' -%}
            {%- set numerator = measure_of(ratio.type_params.numerator.name) -%}
            {%- set denominator = measure_of(ratio.type_params.denominator.name) -%}
        {%- elif metric.type == 'simple' -%}
            {%- set numerator = measure_named(metric.type_params.measure.name) -%}
            {%- set denominator = none -%}
        {%- else -%}
            {{- exceptions.raise_compiler_error(
                'Metric ' ~ metric.name ~ ' is of type ' ~ metric.type ~ '; kpi_values is built from ratio metrics, scaled ones, and simple metrics'
            ) -}}
        {%- endif -%}
        {%- set headline = meta.get('headline', metric.name) -%}
        {%- if 'metric.' ~ project_name ~ '.' ~ headline not in graph.metrics -%}
            {{- exceptions.raise_compiler_error('Metric ' ~ metric.name ~ ' names the headline ' ~ headline ~ ', which is no metric') -}}
        {%- endif -%}
        {%- do definitions.append({
            'kpi': metric.name,
            'name': metric.label,
            'description': metric.description | trim,
            'meta': meta,
            'headline': headline,
            'period_grains': period_grains,
            'aggregation': 'last_day' if numerator.is_balance else 'share_of_total' if meta.get('is_share_of_total') else 'sum',
            'numerator': numerator,
            'denominator': denominator,
            'sum_of_squares': measure_of(meta.sum_of_squares) if 'sum_of_squares' in meta else none,
            'sample': measure_of(meta.sample) if 'sample' in meta else none,
        }) -%}
    {%- endfor -%}
    {{- return(definitions) -}}
{% endmacro %}


{% macro measure_of(metric_name) %}
    {{- return(measure_named(metric_named(metric_name).type_params.measure.name)) -}}
{% endmacro %}


{% macro metric_named(metric_name) %}
    {{- return(graph.metrics['metric.' ~ project_name ~ '.' ~ metric_name]) -}}
{% endmacro %}


{% macro measure_named(measure_name) %}
    {%- for semantic_model in graph.semantic_models.values() -%}
        {%- for measure in semantic_model.measures if measure.name == measure_name -%}
            {%- if measure.agg != 'sum' -%}
                {{- exceptions.raise_compiler_error(
                    'Measure ' ~ measure_name ~ ' is a ' ~ measure.agg ~ '; kpi_values adds up days, so only sums can be measures of a KPI'
                ) -}}
            {%- endif -%}
            {{- return({
                'name': measure.name,
                'description': measure.description,
                'expr': measure.expr or measure.name,
                'semantic_model': semantic_model.name,
                'fact': semantic_model.node_relation.alias,
                'is_balance': measure.non_additive_dimension is not none,
            }) -}}
        {%- endfor -%}
    {%- endfor -%}
{% endmacro %}


{% macro legal_period_grains() %}
    {{- return(['day', 'week', 'month', 'rolling_3_months', 'rolling_6_months']) -}}
{% endmacro %}


{% macro months_of_rolling_grains() %}
    {{- return({'rolling_3_months': 3, 'rolling_6_months': 6}) -}}
{% endmacro %}


{% macro months_later_of_grains() %}
    {%- set rows = [] -%}
    {%- for period_grain in legal_period_grains() -%}
        {%- for months_later in range(months_of_rolling_grains().get(period_grain, 1)) -%}
            {%- do rows.append({'period_grain': text_literal(period_grain), 'months_later': months_later}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(rows) -}}
{% endmacro %}


{% macro level_columns() %}
    {{- return({
        'organization': none,
        'client': 'client_id',
        'site': 'site_id',
        'team': 'team_id',
        'agent': 'agent_id',
        'queue': 'queue_id',
        'channel': 'channel',
        'reason': 'reason_code',
    }) -}}
{% endmacro %}


{% macro kpi_formula(kpi) %}
    {%- if kpi.aggregation == 'share_of_total' -%}
        {{- return(kpi.numerator.description | trim ~ ' / The same of all members together.') -}}
    {%- elif kpi.aggregation == 'last_day' -%}
        {{- return(kpi.numerator.description | trim ~ ' A week or month shows its last day.') -}}
    {%- elif kpi.denominator -%}
        {{- return(kpi.numerator.description | trim ~ ' / ' ~ kpi.denominator.description | trim) -}}
    {%- endif -%}
    {{- return(kpi.numerator.description | trim) -}}
{% endmacro %}
