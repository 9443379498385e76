{{ config(materialized='table') }}

-- Current records of each extract with a time that precedes one which it may not precede: landing lets that in where clocks disagree by no
-- more than the source's tolerance.
{%- for source_name, table_name in enabled_extracts() %}
-- depends_on: {{ ref('stg_' ~ source_name ~ '__' ~ table_name) }}
{%- endfor %}
with

final as (
    {% for source_name, table_name in enabled_extracts() %}
    {{ disagreeing_clocks(source_name, table_name) | indent(4) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from final
