{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['source', 'table_name'],
    meta={'unit': "source || '.' || table_name", 'logs': []}
) }}

-- What became of every extract of the sources that are switched on. To look one up in another means reading both, so only
-- those are looked at again of which something landed, or in which something changed that they refer to.
-- depends_on: {{ ref('int_data_quality__loads') }}
{%- for home in homes_of_keys().values() if home.is_known %}
-- depends_on: {{ ref(home.model) }}
{%- endfor %}
{%- for source_name, table_name in enabled_extracts() %}
-- depends_on: {{ ref('stg_' ~ source_name ~ '__' ~ table_name) }}
{%- endfor %}
{% set extracts = extracts_in(recompute(touched_extracts())) %}
with

final as (
    {% for source_name, table_name in extracts %}
    {{ extract_quality(source_name, table_name) | indent(4) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {{ 'select * from ' ~ this ~ ' where 1 = 0' if not extracts }}

)

select * from final
