{{ config(materialized='table') }}

-- What became of every extract of the sources that are switched on.
-- depends_on: {{ ref('int_data_quality__loads') }}
{%- if instances_of_contacts() %}
-- depends_on: {{ ref('int_contact_legs__names') }}
{%- endif %}
{%- for home in homes_of_keys().values() if home.is_known %}
-- depends_on: {{ ref(home.model) }}
{%- endfor %}
{%- for source_name, table_name in enabled_extracts() %}
-- depends_on: {{ ref('stg_' ~ source_name ~ '__' ~ table_name) }}
{%- endfor %}
with

final as (
    {% for source_name, table_name in enabled_extracts() %}
    {{ extract_quality(source_name, table_name) | indent(4) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from final
