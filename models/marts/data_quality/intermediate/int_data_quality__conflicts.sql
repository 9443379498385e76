{{ config(materialized='table') }}

-- Versions of a record that say they were written at the same instant and differ: a load decides which of them counts (VER-3).
with

final as (
    {% for source_name, table_name in enabled_extracts() %}
    {{ extract_conflicts(source_name, table_name) | indent(4) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from final
