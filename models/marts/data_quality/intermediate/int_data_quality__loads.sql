{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['source', 'table_name', 'load_id'],
    meta={'unit': 'load_id', 'unit_type': 'bigint', 'logs': []}
) }}

-- What each load brought. Versions are counted before staging picks the current ones; a record is new with the load that brought it first.
{% set landed_loads = [] %}
{% for source_name, table_name in listed_extracts() %}
{% do landed_loads.append(landed(source_name, table_name, '_load_id')) %}
{% endfor %}
{% set scope = recompute(landed_loads) %}
with

final as (
    {% for source_name, table_name in enabled_extracts() %}
    {{ extract_loads(source_name, table_name, scope) | indent(4) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from final
