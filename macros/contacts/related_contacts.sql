{% macro join_contact(contact_id) -%}
    left join {{ ref('int_contacts__put_together') }} as put_together on {{ contact_id }} = put_together.own_contact_id
{%- endmacro %}


{% macro contact_of(contact_id) -%}
    coalesce(put_together.contact_id, {{ contact_id }})
{%- endmacro %}


{% macro keys_of_contacts(changes, versions) %}
    select {{ integer_key(contact_of('changed.contact_id')) }} as contact_key
    from {{ changes }} as changed
    {{ join_contact('changed.contact_id') }}
{% endmacro %}


{% macro customers_of_contacts(changes, versions) %}
    select customer_number
    from {{ ref('fct_contacts') }}
    where contact_id in (
        select {{ contact_of('changed.contact_id') }}
        from {{ changes }} as changed
        {{ join_contact('changed.contact_id') }}
    )
{% endmacro %}


{% macro contacts_of_agents(changes, versions) %}
    {{- contacts_with_legs_of('agent_id', changes) -}}
{% endmacro %}


{% macro contacts_of_queues(changes, versions) %}
    {{- contacts_with_legs_of('queue_id', changes) -}}
{% endmacro %}


{% macro contacts_with_legs_of(column, changes) %}
    select coalesce(leg_numbers.contact_id, legs.contact_id) as contact_id
    from {{ ref('int_contact_legs__unioned') }} as legs
    left join {{ ref('int_contacts__leg_numbers') }} as leg_numbers
        on
            legs.contact_id = leg_numbers.own_contact_id
            and legs.leg_number = leg_numbers.own_leg_number
    where {{ dimension_key('legs.' ~ column) }} in (select {{ column }} from {{ changes }})
{% endmacro %}


{% macro contact_legs() -%}
    {#- Two parts, of which each looks up the affected contacts by a column of a table: a table is then read where they lie, and not whole. -#}
    {%- set columns = [
        'related_contact_id', 'client_id', 'channel', 'direction', 'initiation', 'queue_id', 'agent_id', 'customer_id', 'customer_address',
        'dialled_address', 'account_number', 'reason_code', 'started_at', 'enqueued_at', 'answered_at', 'ended_at', 'ring_seconds',
        'talk_seconds', 'hold_seconds', 'hold_count', 'acw_seconds', 'end_reason', 'resolution_code', 'updated_at', 'source',
    ] -%}
    select
        legs.contact_id,
        legs.leg_number,
        legs.contact_id as own_contact_id,
        legs.leg_number as own_leg_number,
        {%- for column in columns %}
        legs.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_contact_legs__unioned') }} as legs
    left join {{ ref('int_contacts__leg_numbers') }} as leg_numbers on legs.contact_id = leg_numbers.own_contact_id
    where
        {{ is_affected('legs.contact_id') }}
        and leg_numbers.own_contact_id is null
    union all
    select
        leg_numbers.contact_id,
        leg_numbers.leg_number,
        leg_numbers.own_contact_id,
        leg_numbers.own_leg_number,
        {%- for column in columns %}
        legs.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select *
        from {{ ref('int_contacts__leg_numbers') }}
        where {{ is_affected('contact_id') }}
    ) as leg_numbers
    inner join {{ ref('int_contact_legs__unioned') }} as legs
        on
            leg_numbers.own_contact_id = legs.contact_id
            and leg_numbers.own_leg_number = legs.leg_number
{%- endmacro %}


{% macro legs_of_inbound_contacts() -%}
    {#- The leg with the number 1 is the first one, whose direction is the contact's; only for the others, which are few, it is looked up. -#}
    select first_legs.*
    from (
        {{ contact_legs() | indent(8) }}
    ) as first_legs
    where
        first_legs.leg_number = 1
        and first_legs.direction = 'inbound'
    union all
    select later_legs.*
    from (
        {{ contact_legs() | indent(8) }}
    ) as later_legs
    inner join {{ ref('int_contacts__from_legs') }} as contacts on later_legs.contact_id = contacts.contact_id
    where
        later_legs.leg_number > 1
        and contacts.direction = 'inbound'
{%- endmacro %}


{% macro inputs_of_contact_legs(others={}) %}
    {%- set inputs = {
        'int_contact_legs__unioned': [{}, {'through': 'int_contacts__leg_numbers', 'on': {'own_contact_id': 'contact_id'}}],
        'int_contacts__leg_numbers': [{}, {'key': {'contact_id': 'own_contact_id'}}],
    } -%}
    {%- do inputs.update(others) -%}
    {{- return(inputs) -}}
{% endmacro %}


{% macro clock_tolerance_seconds() -%}
    {#- As far as the clocks of any source may disagree. Which sources there are is not known while dbt parses, nor in a unit test. -#}
    {%- set declared = [] -%}
    {%- for source in ((graph.sources or {}).values() if execute else []) if 'clock_tolerance_seconds' in source.config.meta -%}
        {%- do declared.append(source.config.meta.clock_tolerance_seconds) -%}
    {%- endfor -%}
    {{- return(declared | max if declared else 2) -}}
{%- endmacro %}


{% macro is_ring(legs) -%}
    ({{ legs }}.agent_id is not null and {{ legs }}.end_reason = 'ring_no_answer')
{%- endmacro %}


{% macro has_ended(legs) -%}
    ({{ legs }}.ended_at is not null or {{ legs }}.end_reason is not null)
{%- endmacro %}
