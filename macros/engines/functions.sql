{% macro seconds_between(start, end) %}
    {{- return(adapter.dispatch('seconds_between', 'contact_centre_warehouse')(start, end)) -}}
{% endmacro %}

{% macro duckdb__seconds_between(start, end) -%}
    ((epoch_us({{ end }}) - epoch_us({{ start }})) / 1e6)
{%- endmacro %}

{% macro spark__seconds_between(start, end) -%}
    ((unix_micros({{ end }}) - unix_micros({{ start }})) / 1e6)
{%- endmacro %}


{% macro utc_to_local(instant, time_zone) %}
    {{- return(adapter.dispatch('utc_to_local', 'contact_centre_warehouse')(instant, time_zone)) -}}
{% endmacro %}

{% macro duckdb__utc_to_local(instant, time_zone) -%}
    timezone({{ time_zone }}, timezone('UTC', {{ instant }}))
{%- endmacro %}

{% macro spark__utc_to_local(instant, time_zone) -%}
    from_utc_timestamp({{ instant }}, {{ time_zone }})
{%- endmacro %}


{% macro local_to_utc(local_time, time_zone) %}
    {{- return(adapter.dispatch('local_to_utc', 'contact_centre_warehouse')(local_time, time_zone)) -}}
{% endmacro %}

{% macro duckdb__local_to_utc(local_time, time_zone) -%}
    timezone('UTC', timezone({{ time_zone }}, {{ local_time }}))
{%- endmacro %}

{% macro spark__local_to_utc(local_time, time_zone) -%}
    to_utc_timestamp({{ local_time }}, {{ time_zone }})
{%- endmacro %}


{% macro next_not_null(expression, window) %}
    {{- return(adapter.dispatch('next_not_null', 'contact_centre_warehouse')(expression, window)) -}}
{% endmacro %}

{% macro duckdb__next_not_null(expression, window) -%}
    lead({{ expression }} ignore nulls) over ({{ window }})
{%- endmacro %}

{% macro spark__next_not_null(expression, window) -%}
    lead({{ expression }}) ignore nulls over ({{ window }})
{%- endmacro %}


{% macro previous_not_null(expression, window) %}
    {{- return(adapter.dispatch('previous_not_null', 'contact_centre_warehouse')(expression, window)) -}}
{% endmacro %}

{% macro duckdb__previous_not_null(expression, window) -%}
    lag({{ expression }} ignore nulls) over ({{ window }})
{%- endmacro %}

{% macro spark__previous_not_null(expression, window) -%}
    lag({{ expression }}) ignore nulls over ({{ window }})
{%- endmacro %}


{% macro running_sum(expression, window) -%}
    cast(
        sum(cast({{ expression }} as double)) over ({{ window }} rows between unbounded preceding and current row)
        as {{ dbt.type_bigint() }}
    )
{%- endmacro %}


{% macro digits_of(text) %}
    {{- return(adapter.dispatch('digits_of', 'contact_centre_warehouse')(text)) -}}
{% endmacro %}

{% macro duckdb__digits_of(text) -%}
    regexp_replace({{ text }}, '[^0-9]', '', 'g')
{%- endmacro %}

{% macro spark__digits_of(text) -%}
    regexp_replace({{ text }}, '[^0-9]', '')
{%- endmacro %}


{% macro matches(text, pattern) %}
    {{- return(adapter.dispatch('matches', 'contact_centre_warehouse')(text, pattern)) -}}
{% endmacro %}

{% macro duckdb__matches(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__matches(text, pattern) -%}
    regexp_like({{ text }}, '{{ pattern | replace('\\', '\\\\') }}')
{%- endmacro %}


{% macro first_group(text, pattern) %}
    {{- return(adapter.dispatch('first_group', 'contact_centre_warehouse')(text, pattern)) -}}
{% endmacro %}

{% macro duckdb__first_group(text, pattern) -%}
    regexp_extract({{ text }}, '{{ pattern }}', 1)
{%- endmacro %}

{% macro spark__first_group(text, pattern) -%}
    regexp_extract({{ text }}, '{{ pattern | replace('\\', '\\\\') }}', 1)
{%- endmacro %}


{% macro hmac_sha256(text) %}
    {{- return(adapter.dispatch('hmac_sha256', 'contact_centre_warehouse')(text)) -}}
{% endmacro %}

{% macro duckdb__hmac_sha256(text) -%}
    sha256(getvariable('pseudonym_outer_pad') || unhex(sha256(getvariable('pseudonym_inner_pad') || encode({{ text }}))))
{%- endmacro %}

{% macro spark__hmac_sha256(text) -%}
    {#- reflect says 'null' for a variable that is not set; without a key the query stops. -#}
    {%- set secret = "nullif(nullif(reflect('java.lang.System', 'getenv', 'CCW_PSEUDONYM_KEY'), 'null'), '')" -%}
    case
        when {{ text }} is not null
            then reflect('org.apache.commons.codec.digest.HmacUtils', 'hmacSha256Hex', {{ secret }}, {{ text }})
    end
{%- endmacro %}


{% macro has_pseudonym_key() %}
    {{- return(adapter.dispatch('has_pseudonym_key', 'contact_centre_warehouse')()) -}}
{% endmacro %}

{% macro duckdb__has_pseudonym_key() %}
    {{- return(run_query("select coalesce(getvariable('has_pseudonym_key'), false)").rows[0][0]) -}}
{% endmacro %}

{% macro spark__has_pseudonym_key() %}
    {%- set query = "select reflect('java.lang.System', 'getenv', 'CCW_PSEUDONYM_KEY') not in ('', 'null')" -%}
    {{- return(run_query(query).rows[0][0]) -}}
{% endmacro %}


{% macro record(columns) %}
    {{- return(adapter.dispatch('record', 'contact_centre_warehouse')(columns)) -}}
{% endmacro %}

{% macro duckdb__record(columns) -%}
    struct_pack({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__record(columns) -%}
    struct({{ columns | join(', ') }})
{%- endmacro %}


{% macro raise_error(message) %}
    {{- return(adapter.dispatch('raise_error', 'contact_centre_warehouse')(message)) -}}
{% endmacro %}

{% macro duckdb__raise_error(message) -%}
    error({{ message }})
{%- endmacro %}

{% macro spark__raise_error(message) -%}
    raise_error({{ message }})
{%- endmacro %}


{% macro unpivoted(relation, kept, rows) %}
    {{- return(adapter.dispatch('unpivoted', 'contact_centre_warehouse')(relation, kept, rows)) -}}
{% endmacro %}

{% macro duckdb__unpivoted(relation, kept, rows) -%}
    {%- for row in rows %}
    select
        {{ kept | join(', ') }}
        {%- for name, expression in row.items() %},
        {{ expression }} as {{ name }}
        {%- endfor %}
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro spark__unpivoted(relation, kept, rows) -%}
    {#- Spark would plan and read the relation again in each branch of a union. -#}
    select
        {{ kept | join(', ') }},
        stack(
            {{ rows | length }}
            {%- for row in rows %},
            {{ row.values() | join(', ') }}
            {%- endfor %}
        ) as ({{ rows[0].keys() | join(', ') }})
    from {{ relation }}
{%- endmacro %}


{% macro rows_of_words(relation, kept, text) %}
    {{- return(adapter.dispatch('rows_of_words', 'contact_centre_warehouse')(relation, kept, text)) -}}
{% endmacro %}

{% macro duckdb__rows_of_words(relation, kept, text) -%}
    select
        {{ kept | join(', ') }},
        unnest(range(1, len(parts) + 1)) as part_number,
        unnest(parts) as part
    from (
        select
            {{ kept | join(', ') }},
            string_split(trim(regexp_replace({{ text }}, '[\s\p{Z}]+', ' ', 'g')), ' ') as parts
        from {{ relation }}
    ) as split_up
{%- endmacro %}

{% macro spark__rows_of_words(relation, kept, text) -%}
    select
        {{ kept | join(', ') }},
        cast(position + 1 as bigint) as part_number,
        part
    from (
        select
            {{ kept | join(', ') }},
            split(trim(regexp_replace({{ text }}, '[\\s\\p{Z}]+', ' ')), ' ') as parts
        from {{ relation }}
    ) as split_up
    lateral view posexplode(parts) as position, part
{%- endmacro %}


{#- dbt's own ones lose fractions of a second, and the order of the list. -#}
{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    timestampadd({{ datepart }}, cast({{ interval }} as int), {{ from_date_or_timestamp }})
{%- endmacro %}


{% macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    listagg({{ measure }}, {{ delimiter_text }}){{ ' within group (' ~ order_by_clause ~ ')' if order_by_clause }}
{%- endmacro %}


{#- dbt's own joins numbers to each other until there are enough of them. -#}
{% macro spark__date_spine(datepart, start_date, end_date) -%}
    select explode(sequence({{ start_date }}, {{ dbt.dateadd(datepart, -1, end_date) }}, interval 1 {{ datepart }})) as date_{{ datepart }}
{%- endmacro %}


{#- dbt reads a seed's values by what they look like and writes null as a word; the engine reads the file itself, and types it as declared. -#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set view = 'seed_file_' ~ model.name -%}
    {%- set read -%}
        create or replace temporary view {{ view }} (
            {%- for name in agate_table.column_names %}
            {{ adapter.quote(name) }} string{{ ',' if not loop.last }}
            {%- endfor %}
        )
        using csv
        options (
            path 'file:{{ model.root_path or project_root }}/{{ model.original_file_path }}', header 'true', multiLine 'true', escape '"'
        )
    {%- endset -%}
    {%- set columns = adapter.get_columns_in_relation(this) -%}
    {%- set load -%}
        insert into {{ this.render() }}
        select
            {%- for column in columns %}
            cast({{ column.quoted }} as {{ column.dtype }}) as {{ column.quoted }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ view }}
    {%- endset -%}
    {%- do run_query(read) -%}
    {%- do run_query(load) -%}
    {%- do run_query('drop view ' ~ view) -%}
    {{- return(load) -}}
{% endmacro %}
