-- How many rows landed for each local hour, by the first event that their extract declares; of extracts that know days only, for each day.
with

final as (
    {% for source_name, table_name in extracts_with_events() %}
    {{ extract_hours(source_name, table_name) | indent(4) }}
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as {{ dbt.type_string() }}) as source,
        cast(null as {{ dbt.type_string() }}) as table_name,
        cast(null as {{ dbt.type_int() }}) as unit_hours,
        cast(null as {{ dbt.type_bigint() }}) as unit_number,
        cast(null as {{ dbt.type_bigint() }}) as landed
    where 1 = 0
    {%- endfor %}

)

select * from final
