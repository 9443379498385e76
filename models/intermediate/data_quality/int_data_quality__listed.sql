{{ config(materialized='table') }}

-- What the rows of other extracts may refer to: all that the extract lists which is a key's home. Nothing where that is switched off.
with

final as (
    {% for key, home in homes_of_keys().items() if var(home.source ~ '_enabled') %}
    select distinct
        '{{ key }}' as key_name,
        {{ key }} as key_value
    from {{ ref(home.model) }}
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as {{ dbt.type_string() }}) as key_name,
        cast(null as {{ dbt.type_string() }}) as key_value
    where 1 = 0
    {%- endfor %}

)

select * from final
