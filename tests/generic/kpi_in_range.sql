{% test kpi_in_range(model) %}
    select kpi_values.*
    from (select * from {{ model }} where {{ changed_since_tested(model, looks_up=[ref('kpi_catalog')]) }}) as kpi_values
    inner join {{ ref('kpi_catalog') }} as catalog on kpi_values.kpi = catalog.kpi
    where kpi_values.value < catalog.minimum_value
        or kpi_values.value > catalog.maximum_value
{% endtest %}
