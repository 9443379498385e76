{% macro phone_countries() %}
    {%- set countries = {} -%}
    {%- for source_name, line in var('sources').items() -%}
        {%- set code = (line.phone_country or var('phone_country') or '') | string -%}
        {%- if code and not modules.re.match('^[A-Z]{2}$', code) -%}
            {{ exceptions.raise_compiler_error(
                "The phone_country of " ~ source_name ~ " must be the ISO 3166 code of a country, such as GB; it is '" ~ code ~ "'"
            ) }}
        {%- endif -%}
        {%- if code -%}
            {%- do countries.update({source_name: code}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(countries) -}}
{% endmacro %}


{% macro phone_country_of(source_column) -%}
    {%- set countries = phone_countries() -%}
    {%- if countries.values() | unique | list | length == 1 and countries | length == var('sources') | length -%}
    '{{ countries.values() | first }}'
    {%- elif countries -%}
    case {{ source_column }}
        {%- for source_name, code in countries.items() %}
        when '{{ source_name }}' then '{{ code }}'
        {%- endfor %}
        else 'unknown'
    end
    {%- else -%}
    'unknown'
    {%- endif -%}
{%- endmacro %}
