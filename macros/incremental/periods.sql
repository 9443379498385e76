{% macro touched_periods(period_sums) %}
    {%- set days = [] -%}
    {%- for name in (kept_parents(model, []) if execute and is_kept() else []) -%}
        {%- do days.append(changed(name, 'date_day')) -%}
    {%- endfor -%}
    {%- set day = 'cast(unit as date)' -%}
    {%- set touched = [] -%}
    {%- set changed_days = '(' ~ days | join(' union all ') ~ ') as days' -%}
    {%- for grain in legal_period_grains() if grain not in months_of_rolling_grains() -%}
        {%- do touched.append(
            "(select '" ~ grain ~ " ' || cast(" ~ dbt.date_trunc(grain, day) ~ ' as date) as unit from ' ~ changed_days ~ ')'
        ) -%}
    {%- endfor -%}
    {%- for grain, months in months_of_rolling_grains().items() -%}
        {%- for months_later in range(months) -%}
            {%- do touched.append(
                "(select '" ~ grain ~ " ' || cast(" ~ dbt.dateadd('month', months_later, dbt.date_trunc('month', day))
                ~ ' as date) as unit from ' ~ changed_days ~ ')'
            ) -%}
        {%- endfor -%}
        {#- The last month moves: periods appear that no day of theirs touched, or are there no more. -#}
        {%- set first_month = '(select min(last_month) from (select max(period_start) as last_month from ' ~ period_sums
            ~ " where period_grain like 'rolling%' union all select max(date_day) from " ~ tracked('int_kpi__components') ~ ') as last_months)' -%}
        {%- do touched.append(
            "(select distinct '" ~ grain ~ " ' || month_start as unit from " ~ tracked('dim_dates') ~ ' where month_start > '
            ~ dbt.date_trunc('month', first_month) ~ ' and month_start <= '
            ~ '(select max(last_month) from (select max(period_start) as last_month from ' ~ period_sums
            ~ ' union all select max(date_day) from ' ~ tracked('int_kpi__components') ~ ') as last_months))'
        ) -%}
    {%- endfor -%}
    {{- return(touched) -}}
{% endmacro %}


{% macro final_periods() -%}
    (
        select period_ends.period_grain || ' ' || period_ends.period_start as unit
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
