{% macro pseudonym(text) -%}
    {#- dbt keeps the value of each env_var that is read here in partial_parse.msgpack, so the engine is asked. -#}
    {%- if execute and var('extracts') == 'landed' and not has_pseudonym_key() -%}
        {{ exceptions.raise_compiler_error(
            'Landed extracts need a secret that keys the pseudonyms of customers: set the environment variable CCW_PSEUDONYM_KEY'
        ) }}
    {%- endif -%}
    left({{ hmac_sha256(text) }}, 32)
{%- endmacro %}


{% macro keys_of_sessions(changes, versions) %}
    {#- From the ids that changed, since a session that was withdrawn is in no table any more. -#}
    select {{ integer_key('session_id') }} as subject_key
    from {{ changes }}
{% endmacro %}


{% macro keys_of_addressed(changes, versions) %}
    select subject_key
    from {{ this }}
    where address_key in (select {{ integer_key('address') }} from {{ changes }})
{% endmacro %}
