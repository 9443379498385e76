{% test target_of_known_kpi(model) %}
    select *
    from {{ model }}
    where kpi not in (select kpi from {{ ref('kpi_catalog') }})
        and kpi not in (select family from {{ ref('kpi_catalog') }})
{% endtest %}
