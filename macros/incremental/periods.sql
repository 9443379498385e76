{% macro touched_periods(period_sums) %}
    {%- set days = [] -%}
    {%- for name in (kept_parents(model, []) if execute and is_kept() else []) -%}
        {%- do days.append(changed(name, 'date_day')) -%}
    {%- endfor -%}
    {#- A balance is that of the last day there is: where that was, and where it is. -#}
    {%- do days.append(
        '(select cast(max(period_start) as ' ~ dbt.type_string() ~ ') as unit from ' ~ period_sums ~ " where period_grain = 'day' group by kpi)"
    ) -%}
    {%- do days.append(
        '(select cast(max(date_day) as ' ~ dbt.type_string() ~ ') as unit from ' ~ tracked('int_kpi__components') ~ ' group by kpi)'
    ) -%}
    {%- set starts = [] -%}
    {%- for grain in legal_period_grains() if grain not in months_of_rolling_grains() -%}
        {%- do starts.append(dbt.date_trunc(grain, 'date_day')) -%}
    {%- endfor -%}
    {%- for months_later in range(1, months_of_rolling_grains().values() | max) -%}
        {%- do starts.append(dbt.dateadd('month', months_later, dbt.date_trunc('month', 'date_day'))) -%}
    {%- endfor -%}
    {%- set touched_starts -%}
    (
        with changed_days as materialized (
            select distinct cast(unit as date) as date_day
            from ({{ days | join(' union all ') }}) as days
        )
        {% for start in starts %}
        select cast(cast({{ start }} as date) as {{ dbt.type_string() }}) as unit
        from changed_days
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
            from {{ tracked('int_kpi__components') }}
        ) as last_months
    {%- endset -%}
    {%- set later_months = (
        '(select cast(month_start as ' ~ dbt.type_string() ~ ') as unit from ' ~ tracked('dim_dates')
        ~ ' where month_start > (select ' ~ dbt.date_trunc('month', 'min(last_month)') ~ last_months ~ ')'
        ~ ' and month_start <= (select max(last_month) ' ~ last_months ~ '))'
    ) -%}
    {{- return([touched_starts, later_months]) -}}
{% endmacro %}


{% macro months_after(days, months) -%}
    (
        select cast(cast({{ dbt.dateadd('month', months, dbt.date_trunc('month', 'cast(unit as date)')) }} as date) as {{ dbt.type_string() }}) as unit
        from {{ days }} as days
    )
{%- endmacro %}


{% macro final_periods() -%}
    (
        select cast(period_ends.period_start as {{ dbt.type_string() }}) as unit
        from {{ tracked('int_kpi__period_ends') }} as period_ends
        cross join (select distinct horizon_hours from {{ tracked('kpi_catalog') }}) as horizons
        cross join {{ tracked('int_run__as_of') }} as run
        where
            {{ dbt.dateadd('hour', 'horizons.horizon_hours', 'period_ends.ended_at') }} > {{ marked_as_of() }}
            and {{ dbt.dateadd('hour', 'horizons.horizon_hours', 'period_ends.ended_at') }} <= run.as_of
    )
{%- endmacro %}


{% macro known_kpis() -%}
    (select distinct kpi from {{ tracked('int_kpi__period_sums') }} where numerator is not null)
{%- endmacro %}
