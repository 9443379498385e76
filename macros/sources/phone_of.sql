{% macro name_of_channel(channel) -%}
    {{ first_group(channel, '^[A-Za-z0-9]+/([^@/;-]+)') }}
{%- endmacro %}


{% macro phone_of(channel) -%}
    {%- set extension = name_of_channel(channel) -%}
    case
        when
            {{ matches(channel, '^(SIP|PJSIP|IAX2|SCCP|Skinny|Local|Agent)/') }}
            and {{ is_extension(extension) }}
            then {{ first_group(channel, '^([A-Za-z0-9]+/[^@/;-]+)') }}
    end
{%- endmacro %}
