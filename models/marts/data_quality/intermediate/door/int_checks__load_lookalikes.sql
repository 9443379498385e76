-- Values that look like a phone number, an e-mail address or a card number in columns that are not tagged personal, of each checked
-- load. An id that a system hands out may be made of digits: of ids, only what is no id beyond doubt counts.
with

loads as (

    {{ landed_loads() }}

),

looked_at as (
    -- The linter does not know grouping sets.
    {% for source_name, table_name in enabled_extracts() %}  -- noqa: PRS
    {{ lookalikes(source_name, table_name) | indent(4) }}  -- noqa: PRS
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

masked as (

    select
        *,
        case when looks_like is null then 0 else row_count end as lookalikes,
        case when looks_like is not null then {{ mask('landed_value') }} end as example
    from classified

),

final as (

    select
        masked.table_name,
        cast(masked.load_id as {{ dbt.type_string() }}) || ' ' || masked.column_name as item,
        masked.load_id,
        loads.path,
        masked.column_name,
        case when max(masked.is_id) = 1 then 'id' else 'value' end as kind,
        cast(sum(masked.row_count) as {{ dbt.type_bigint() }}) as row_count,
        cast(sum(masked.lookalikes) as {{ dbt.type_bigint() }}) as lookalikes,
        cast(sum(masked.lookalikes) as double) / sum(masked.row_count) as lookalike_share,
        min(masked.looks_like) as looks_like,
        min(masked.example) as example
    from masked
    inner join loads on masked.load_id = loads.load_id
    where loads.is_checked
    group by masked.table_name, masked.load_id, loads.path, masked.column_name

)

select * from final
