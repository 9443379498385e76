-- Values of the columns whose values the sources YAML lists, over the checked loads. A value that is not listed counts until a later load
-- has brought another version of its row.
{% set most_values_of_a_column = 100 %}
with

loads as (

    {{ landed_loads() }}

),

counted as (
    {% for source_name, table_name in enabled_extracts() %}
    {{ listed_values(source_name, table_name) | indent(4) }}
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as table_name,
        cast(null as {{ dbt.type_string() }}) as column_name,
        cast(null as {{ dbt.type_string() }}) as landed_value,
        cast(null as {{ dbt.type_bigint() }}) as row_count,
        cast(null as integer) as is_listed
    where 1 = 0

),

ranked as (

    select
        *,
        row_number() over (
            partition by table_name, column_name
            order by is_listed asc, row_count desc, landed_value asc
        ) as value_rank
    from counted

),

final as (

    select
        table_name,
        column_name,
        landed_value,
        row_count,
        is_listed,
        column_name || ' ' || value_rank as item
    from ranked
    where value_rank <= {{ most_values_of_a_column }}

)

select * from final
