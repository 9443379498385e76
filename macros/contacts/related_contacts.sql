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


{% macro legs_of_inbound_contacts() -%}
    {#- The leg with the number 1 is the first one, whose direction is the contact's; only for the others, which are few, it is looked up. -#}
    select *
    from {{ ref('int_contacts__legs') }}
    where
        leg_number = 1
        and direction = 'inbound'
        and {{ is_affected('contact_id') }}
    union all
    select legs.*
    from {{ ref('int_contacts__legs') }} as legs
    inner join {{ ref('int_contacts__from_legs') }} as contacts on legs.contact_id = contacts.contact_id
    where
        legs.leg_number > 1
        and contacts.direction = 'inbound'
        and {{ is_affected('legs.contact_id') }}
{%- endmacro %}


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
