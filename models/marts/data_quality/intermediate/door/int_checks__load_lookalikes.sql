-- Values that look like a phone number, an e-mail address or a card number in columns that are not tagged personal, of each checked load. An id
-- that a system hands out may be made of digits: of ids, only what is no id beyond doubt counts.
with

loads as (

    {{ landed_loads() }}

),

looked_at as (
    {% for source_name, table_name in enabled_extracts() %}
    {{ lookalikes(source_name, table_name) | indent(4) }}
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as table_name,
        cast(null as {{ dbt.type_bigint() }}) as load_id,
        cast(null as {{ dbt.type_string() }}) as column_name,
        cast(null as integer) as is_id,
        cast(null as {{ dbt.type_string() }}) as landed_value,
        cast(null as {{ dbt.type_bigint() }}) as row_count
    where 1 = 0

),

classified as (

    select
        *,
        case
            when {{ looks_like_email('landed_value') }} then 'an e-mail address'
            when is_id = 1 and {{ is_surely_a_phone('landed_value') }} then 'a phone number'
            when is_id = 0 and {{ looks_like_phone('landed_value') }} then 'a phone number'
            when is_id = 0 and {{ looks_like_card('landed_value') }} then 'a card number'
        end as looks_like
    from looked_at
    where landed_value is not null

),

final as (

    select
        classified.table_name,
        cast(classified.load_id as {{ dbt.type_string() }}) || ' ' || classified.column_name as item,
        classified.load_id,
        loads.path,
        classified.column_name,
        case when max(classified.is_id) = 1 then 'id' else 'value' end as kind,
        cast(sum(classified.row_count) as {{ dbt.type_bigint() }}) as row_count,
        cast(sum(case when classified.looks_like is not null then classified.row_count else 0 end) as {{ dbt.type_bigint() }}) as lookalikes,
        cast(sum(case when classified.looks_like is not null then classified.row_count else 0 end) as double) / sum(classified.row_count) as lookalike_share,
        min(classified.looks_like) as looks_like,
        min(
            case
                when classified.looks_like is not null
                    then left(classified.landed_value, 1) || '…' || right(classified.landed_value, 1)
                        || ' (' || cast(length(classified.landed_value) as {{ dbt.type_string() }}) || ' characters)'
            end
        ) as example
    from classified
    inner join loads on classified.load_id = loads.load_id
    where loads.is_checked
    group by classified.table_name, classified.load_id, loads.path, classified.column_name

)

select * from final
