{% macro presence_state(presence_id) -%}
    {%- set states = var('presence_states') -%}
    {%- if states is not mapping or states.keys() | reject('string') | list or states.values() | reject('string') | list -%}
        {{ exceptions.raise_compiler_error(
            "presence_states must be a mapping of ids of presences in quotes to states of agents, such as {'b1a2': system_down}; it is " ~ states
        ) }}
    {%- endif -%}
    case
        {%- for id, state in states.items() %}
        when {{ presence_id }} = {{ dbt.string_literal(dbt.escape_single_quotes(id)) }}
            then {{ dbt.string_literal(dbt.escape_single_quotes(state | lower)) }}
        {%- endfor %}
        when true then cast(null as {{ dbt.type_string() }})
    end
{%- endmacro %}
