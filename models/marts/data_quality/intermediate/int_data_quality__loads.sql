{{ config(materialized='table') }}

-- What each load brought. Versions are counted before staging picks the current ones; a record is new with the load that brought it first.
with

final as (
    {% for source_name, table_name in enabled_extracts() %}
    {{ extract_loads(source_name, table_name) | indent(4) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from final
