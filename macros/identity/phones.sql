{#- Phones in E.164 (IDN-2), where some source has a country: the steps from digits to `international_phone`. -#}
{% macro international_phones(relation, columns) -%}
plans as (

    select
        country,
        calling_code,
        is_main_country,
        international_prefix,
        -- Most countries have but one, which is told much faster than an expression that differs from row to row.
        case when {{ matches('international_prefix', '^[0-9]+$') }} then international_prefix end as only_prefix,
        national_prefix,
        {{ lengths_by_position('national_lengths') }} as national_lengths,
        {{ lengths_by_position('usual_lengths') }} as usual_lengths,
        -- No national number begins with 0 where that is a prefix; with another digit an unusual one may.
        case
            when national_prefix like '0%' then {{ lengths_by_position('national_lengths') }}
            else {{ lengths_by_position('usual_lengths') }}
        end as lengths_after_prefix
    from {{ ref('phone_countries') }}

),

digits_of_ten as (

    {{ literal_rows(rows_of_digits()) }}

),

-- No calling code begins with another one, and none is longer than three digits.
calling_codes as (

    select
        firsts.digit || seconds.digit || thirds.digit as first_digits,
        plans.calling_code as abroad_code,
        plans.national_prefix as abroad_prefix,
        plans.national_lengths as abroad_lengths,
        plans.lengths_after_prefix as abroad_lengths_after_prefix
    from digits_of_ten as firsts
    cross join digits_of_ten as seconds
    cross join digits_of_ten as thirds
    inner join plans
        on
            left(firsts.digit || seconds.digit || thirds.digit, length(plans.calling_code)) = plans.calling_code
            and plans.is_main_country = 1

),

at_home as (

    select
        {{ columns }},
        written,
        phone,
        case when {{ matches('written', '^[^0-9]*[+]') }} then 1 else 0 end as has_plus,
        case
            when plans.country is not null or phone is null or phone_country = 'unknown' then plans.calling_code
            else {{ raise_error(
                "'The phone_country ' || phone_country || ' is no ISO code of seeds/settings/phone_countries.csv: name one of its countries.'"
            ) }}
        end as home_code,
        case
            when plans.only_prefix is null then regexp_extract(phone, '^(?:' || plans.international_prefix || ')', 0)
            when left(phone, length(plans.only_prefix)) = plans.only_prefix then plans.only_prefix
            else ''
        end as home_international_prefix,
        plans.national_prefix as home_prefix,
        plans.national_lengths as home_lengths,
        plans.lengths_after_prefix as home_lengths_after_prefix,
        plans.usual_lengths as home_usual_lengths
    from {{ relation }}
    left join plans
        on
            phone_country = plans.country
            and phone is not null

),

-- What follows a plus or the prefix of calls to other countries begins with a calling code; so do, in places, bare digits.
dialled as (

    select
        *,
        case
            when has_plus = 1 then phone
            when home_international_prefix != '' then substr(phone, length(home_international_prefix) + 1)
        end as abroad_phone,
        case when left(phone, length(home_prefix)) = home_prefix then substr(phone, length(home_prefix) + 1) end as after_home_prefix,
        case when left(phone, length(home_code)) = home_code then substr(phone, length(home_code) + 1) end as after_home_code
    from at_home

),

-- The national prefix has no place after a calling code, but stands there in brackets: +44 (0) 20.
abroad as (

    select
        dialled.*,
        calling_codes.abroad_code,
        calling_codes.abroad_lengths,
        calling_codes.abroad_lengths_after_prefix,
        substr(abroad_phone, length(abroad_code) + 1) as after_code,
        case
            when substr(abroad_phone, length(abroad_code) + 1, length(abroad_prefix)) = abroad_prefix
                then substr(abroad_phone, length(abroad_code || abroad_prefix) + 1)
        end as after_abroad_prefix
    from dialled
    left join calling_codes on left(dialled.abroad_phone, 3) = calling_codes.first_digits

),

international_phones as (

    select
        {{ columns }},
        written,
        phone,
        case
            when phone_country = 'unknown' then right(phone, 9)
            when {{ has_length('after_abroad_prefix', 'abroad_lengths_after_prefix') }} then '+' || abroad_code || after_abroad_prefix
            when {{ has_length('after_code', 'abroad_lengths') }} then '+' || abroad_code || after_code
            when has_plus = 1 then phone
            when {{ has_length('after_home_prefix', 'home_lengths_after_prefix') }} then '+' || home_code || after_home_prefix
            when {{ has_length('phone', 'home_usual_lengths') }} then '+' || home_code || phone
            when {{ has_length('after_home_code', 'home_usual_lengths') }} then '+' || phone
            when {{ has_length('phone', 'home_lengths') }} then '+' || home_code || phone
            else phone
        end as international_phone
    from abroad

),
{%- endmacro %}


{% macro lengths_by_position(lengths) -%}
    {#- The n-th character is 1 if a number may have n digits. -#}
    {%- for length in range(1, 18) %}
    {{ '|| ' if not loop.first }}case when ' ' || {{ lengths }} || ' ' like '% {{ length }} %' then '1' else '0' end
    {%- endfor %}
{%- endmacro %}


{% macro has_length(number, lengths_by_position) -%}
    substr({{ lengths_by_position }}, length({{ number }}), 1) = '1'
{%- endmacro %}


{% macro rows_of_digits() %}
    {%- set rows = [] -%}
    {%- for digit in range(10) -%}
        {%- do rows.append({'digit': "'" ~ digit ~ "'"}) -%}
    {%- endfor -%}
    {{- return(rows) -}}
{% endmacro %}
