{% macro touched_periods(period_sums) %}
    {%- set components = tracked('int_kpi__components') -%}
    {%- set days = [] -%}
    {%- for name in (kept_parents(model, []) if execute and is_kept() else []) -%}
        {%- do days.append(changed(name, 'kpi_date')) -%}
    {%- endfor -%}
    {%- set balances = [] -%}
    {%- for kpi in (kpi_definitions() if execute and is_kept() else []) if kpi.aggregation == 'last_day' -%}
        {%- do balances.append(text_literal(kpi.kpi)) -%}
    {%- endfor -%}
    {#- A balance is that of the last day there is: where that was, and where it is. -#}
    {%- for last_days in [
        'select kpi, max(period_start) as last_day from ' ~ period_sums ~ " where period_grain = 'day' and ",
        'select kpi, max(date_day) as last_day from ' ~ components ~ ' where ',
    ] if balances -%}
        {%- do days.append(
            '(select ' ~ unit_text(['kpi', 'last_day']) ~ ' as unit from ('
            ~ last_days ~ 'kpi in (' ~ balances | join(', ') ~ ') group by kpi) as last_days)'
        ) -%}
    {%- endfor -%}
    {%- set touched_starts -%}
    (
        with changed_days as (
            select distinct
                substring(unit, 1, length(unit) - 11) as kpi,
                cast(substring(unit, length(unit) - 9) as date) as date_day
            from ({{ days | join(' union all ') }}) as days
        )
        {% for grain in legal_period_grains() %}
        {%- for months_later in range(months_of_rolling_grains().get(grain, 1)) %}
        select {{ unit_text(['changed_days.kpi', 'cast(' ~ (
            dbt.dateadd('month', months_later, dbt.date_trunc('month', 'changed_days.date_day')) if grain in months_of_rolling_grains()
            else dbt.date_trunc(grain, 'changed_days.date_day')
        ) ~ ' as date)']) }} as unit
        from changed_days
        inner join {{ tracked('int_kpi__period_grains') }} as period_grains
            on changed_days.kpi = period_grains.kpi and period_grains.period_grain = '{{ grain }}'
        {{ 'union all' if not loop.last }}
        {%- endfor %}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )
    {%- endset -%}
    {#- The last month moves: rolling periods appear that no day of theirs touched, or are there no more. -#}
    {%- set last_months -%}
        from (
            select max(period_start) as last_month
            from {{ period_sums }}
            where period_grain like 'rolling%'
            union all
            select max(date_day)
            from {{ components }}
        ) as last_months
    {%- endset -%}
    {%- set later_months = (
        '(select ' ~ unit_text(['period_grains.kpi', 'dates.month_start']) ~ ' as unit from ' ~ tracked('int_time__calendar') ~ ' as dates'
        ~ ' cross join ' ~ tracked('int_kpi__period_grains') ~ " as period_grains where period_grains.period_grain like 'rolling%'"
        ~ ' and dates.month_start > (select ' ~ dbt.date_trunc('month', 'min(last_month)') ~ last_months ~ ')'
        ~ ' and dates.month_start <= (select max(last_month) ' ~ last_months ~ '))'
    ) -%}
    {{- return([touched_starts, later_months]) -}}
{% endmacro %}


{% macro months_after(days, months) -%}
    (
        select cast(cast({{ dbt.dateadd('month', months, dbt.date_trunc('month', 'cast(substring(unit, length(unit) - 9) as date)')) }} as date) as {{ dbt.type_string() }}) as unit
        from {{ days }} as days
    )
{%- endmacro %}


{% macro kpi_member() %}
    {{- return("kpi || ' ' || level || ' ' || level_id") -}}
{% endmacro %}


{% macro periods_of_members(members) -%}
    (
        select {{ unit_text(['kpi', 'period_start']) }} as unit
        from {{ tracked('int_kpi__period_sums') }}
        where {{ kpi_member() }} in {{ members }}
    )
{%- endmacro %}


{% macro final_periods() -%}
    (
        select {{ unit_text(['catalog.kpi', 'period_ends.period_start']) }} as unit
        from {{ tracked('int_kpi__period_ends') }} as period_ends
        cross join {{ tracked('kpi_catalog') }} as catalog
        cross join {{ tracked('int_run__as_of') }} as run
        where
            {{ dbt.dateadd('hour', 'catalog.horizon_hours', 'period_ends.ended_at') }} > {{ marked_as_of() }}
            and {{ dbt.dateadd('hour', 'catalog.horizon_hours', 'period_ends.ended_at') }} <= run.as_of
    )
{%- endmacro %}
