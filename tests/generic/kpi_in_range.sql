{% test kpi_in_range(model) %}
    select kpi_values.*
    from (select * from {{ model }} where {{ rows_to_test(model) }}) as kpi_values
    inner join {{ ref('kpi_catalog') }} as catalog on kpi_values.kpi = catalog.kpi
    where kpi_values.value < catalog.minimum_value
        or kpi_values.value > catalog.maximum_value
{% endtest %}
