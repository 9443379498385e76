{% macro exit_key_reason(key) -%}
    {%- set reasons = var('exit_key_reasons') -%}
    {%- set legal = ['abandoned', 'callback_requested', 'closed', 'no_agents', 'overflowed', 'timed_out', 'voicemail'] -%}
    {%- if reasons is not mapping or reasons.keys() | reject('string') | list or reasons.values() | reject('in', legal) | list -%}
        {{ exceptions.raise_compiler_error(
            "exit_key_reasons must be a mapping of keys in quotes to ends of a wait, such as {'1': callback_requested, '2': voicemail}, each of "
            ~ legal | join(', ') ~ '; it is ' ~ reasons
        ) }}
    {%- endif -%}
    case
        {%- for pressed, reason in reasons.items() %}
        when {{ key }} = {{ dbt.string_literal(dbt.escape_single_quotes(pressed)) }} then '{{ reason }}'
        {%- endfor %}
        when true then 'overflowed'
    end
{%- endmacro %}
