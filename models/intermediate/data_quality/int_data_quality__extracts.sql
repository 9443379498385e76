{{ config(materialized='table') }}

-- What became of every extract of the sources that are switched on.
-- depends_on: {{ ref('int_data_quality__loads') }}
{%- for home in homes_of_keys().values() %}
-- depends_on: {{ ref(home.model) }}
{%- endfor %}
with

final as (
    {% for source_name, table_name in listed_extracts() if var(source_name ~ '_enabled') %}
    {{ extract_quality(source_name, table_name) | indent(4) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from final
