{% macro agent_day(day='date_day') %}
    {{- return(['agent_id', "coalesce(" ~ day ~ ", cast('1900-01-01' as date))"]) -}}
{% endmacro %}


{% macro last_agent_days_before(agent_days, touched) -%}
    (
        select agent_days.agent_id || ' ' || cast(max(agent_days.utc_day) as {{ dbt.type_string() }}) as unit
        from {{ agent_days }} as agent_days
        inner join {{ touched }} as touched
            on
                agent_days.agent_id = substring(touched.unit, 1, length(touched.unit) - 11)
                and agent_days.utc_day < cast(substring(touched.unit, length(touched.unit) - 9) as date)
        group by agent_days.agent_id, touched.unit
    )
{%- endmacro %}


{% macro agent_days_up_to_now(agent_days) -%}
    {%- set marked_day = 'cast(' ~ marked_as_of() ~ ' as date)' -%}
    (
        select {{ unit_text(agent_day('utc_day')) }} as unit
        from {{ agent_days }}
        where utc_day >= {{ marked_day }}
        union all
        select {{ unit_text(agent_day('max(utc_day)')) }} as unit
        from {{ agent_days }}
        where utc_day < {{ marked_day }}
        group by agent_id
    )
{%- endmacro %}


{% macro agent_days_of(agent_days, agents) -%}
    (
        select {{ unit_text(agent_day('utc_day')) }} as unit
        from {{ agent_days }}
        where agent_id in {{ agents }}
    )
{%- endmacro %}
