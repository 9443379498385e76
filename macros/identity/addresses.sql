{#- The steps of IDN-1 over a relation that has `phone_country` and, under any name, an address. -#}
{% macro normalized_addresses(relation, address, normal_address, kept) -%}
{%- set columns = kept | join(', ') -%}
{%- set punctuation = phone_punctuation() -%}
with

-- (1) Words for null; case no longer matters after them.
recorded as (

    select
        {{ columns }},
        case
            when trim({{ address }}) in ('NULL', 'null', chr(92) || 'N', 'N/A', 'n/a', 'None', 'NaN', 'nan', 'NaT') then null
            else lower(trim({{ address }}))
        end as written
    from {{ relation }}

),

-- (2) What stands in the last angle brackets.
unwrapped as (

    select
        {{ columns }},
        case
            when written like '%<%>%' then trim({{ first_group('written', '(?s)^.*<([^<>]*)>') }})
            else written
        end as written
    from recorded

),

-- (3) The scheme goes.
without_scheme as (

    select
        {{ columns }},
        case when written like 'sip:%' or written like 'sips:%' then 1 else 0 end as is_sip,
        case
            when {{ matches('written', '^(?:tel|sips?|mailto):') }} then trim(substr(written, length(split_part(written, ':', 1)) + 2))
            else written
        end as written
    from unwrapped

),

-- (4) Parameters and headers go.
without_parameters as (

    select
        {{ columns }},
        is_sip,
        trim(split_part(split_part(written, ';', 1), '?', 1)) as written
    from without_scheme

),

-- (5) Of a sip address of a number, the number.
without_host as (

    select
        {{ columns }},
        case
            when is_sip = 1 and {{ matches('written', '^[' ~ punctuation ~ ']*[0-9][' ~ punctuation ~ '0-9]*@') }}
                then trim(split_part(written, '@', 1))
            else written
        end as written
    from without_parameters

),

-- (6) The extension of a number goes.
without_extension as (

    select
        {{ columns }},
        case
            when written like '%x%' and {{ matches('written', number_with_extension()) }}
                then {{ first_group('written', number_with_extension()) }}
            else written
        end as written
    from without_host

),

-- The digits of what has but digits and what people write between those of a phone number.
with_digits as (

    select
        {{ columns }},
        nullif(written, '') as written,
        case
            when {{ matches('written', '^[0-9]+$') }} then written
            when {{ matches('written', '^[+][0-9]+$') }} then substr(written, 2)
            when {{ matches('written', '^[' ~ punctuation ~ ']*[0-9][' ~ punctuation ~ '0-9]*$') }} then {{ digits_of('written') }}
        end as digits
    from without_extension

),

nobody as (

    select distinct translate(lower(address), ' ', '') as nobody_address
    from {{ ref('nobody_addresses') }}

),

-- (7) Nobody's.
somebody as (

    select
        {{ columns }},
        case
            when
                nobody.nobody_address is not null
                or written like '%*%'
                or (length(digits) > 1 and replace(digits, left(digits, 1), '') = '')
                or (written like '%x%' and {{ matches('written', '^(?:[' ~ punctuation ~ ']*[0-9x]){6,}[' ~ punctuation ~ ']*$') }})
                or (written like '%.invalid%' and {{ matches('written', '[.]invalid(?::[0-9]+)?$') }})
                -- Neither a letter nor a digit, such as a dash.
                or not {{ matches('written', '[\\p{L}\\p{N}]') }}
                then null
            else written
        end as written,
        case when length(digits) >= 6 then digits end as phone
    from with_digits
    left join nobody
        on case
            when digits is not null then digits
            when written not like '%@%' then translate(written, ' -_.,:()"''', '')
        end = nobody.nobody_address

),
{% if phone_countries() %}
{{ international_phones('somebody', columns) }}
{%- set phone = 'international_phone' %}
{%- set source = 'international_phones' %}
{%- else %}
{%- set unused = ref('phone_countries') %}
{%- set phone = 'right(phone, 9)' %}
{%- set source = 'somebody' %}
{%- endif %}
-- (8) An e-mail address, (9) a phone, (10) or something else.
normalized as (

    select
        {{ columns }},
        case
            when written is null or phone is null then written
            else {{ phone }}
        end as {{ normal_address }},
        case when written is not null and phone is not null then 1 else 0 end as is_phone
    from {{ source }}

)

select * from normalized
{%- endmacro %}


{% macro phone_punctuation() -%}
    {#- For a class of a regular expression: spaces and dashes of all kinds, and marks of the direction of writing too. -#}
    {{- return(' +()./\\[\\]\\-\\t\\x{A0}\\x{2000}-\\x{2015}\\x{202A}-\\x{202F}\\x{2060}-\\x{2069}\\x{FEFF}') -}}
{%- endmacro %}


{% macro number_with_extension() -%}
    {{- return(
        '^([' ~ phone_punctuation() ~ ']*(?:[0-9][' ~ phone_punctuation() ~ ']*){6,}),? *(?:x|ext[.]?|extension)[ .:]*[0-9]{1,5}$'
    ) -}}
{%- endmacro %}
