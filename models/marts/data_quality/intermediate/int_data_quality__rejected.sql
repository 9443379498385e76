-- Rows that landing rejected, over all files of an extract; a row that a later file brought again stays counted (DAQ-1). Nothing where
-- nothing landed. The ledger is no input that dbt knows, but it changes with every load of an extract.
{%- for source_name, table_name in listed_extracts() %}
-- depends_on: {{ source(source_name, table_name) }}
{%- endfor %}
{%- set ledger = landing_ledger() %}
with

final as (
    {% if ledger %}
    select
        source,
        {{ adapter.quote('table') }} as table_name,
        cast(sum(rejected) as {{ dbt.type_bigint() }}) as rejected
    from {{ ledger }}
    group by source, {{ adapter.quote('table') }}
    {% else %}
    select
        cast(null as {{ dbt.type_string() }}) as source,
        cast(null as {{ dbt.type_string() }}) as table_name,
        cast(null as {{ dbt.type_bigint() }}) as rejected
    where 1 = 0
    {% endif %}
)

select * from final
