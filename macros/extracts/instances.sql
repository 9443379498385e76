{% macro instances_of(source_name) %}
    {{- return(var('instances').get(source_name, [])) -}}
{% endmacro %}


{% macro instances_of_contacts() %}
    {%- set instances = [] -%}
    {%- for bringer in bringers('contact_legs') -%}
        {%- do instances.extend(instances_of(bringer.source)) -%}
    {%- endfor -%}
    {{- return(instances | unique | sort | list) -}}
{% endmacro %}


{% macro id_from_staging_on(source_name, declaration, column) -%}
    {%- set instance = declaration.config.meta.refers_to_instance or declaration.source_meta.refers_to_instance -%}
    {%- if column.meta.own_id and instances_of(source_name) -%}
    case when _instance is null then {{ column.name }} else _instance || ':' || {{ column.name }} end as {{ column.name }}
    {%- elif instance and is_name_of_a_contact(column) -%}
    case when {{ is_of_instance(column.name, instances_of_contacts() + [instance]) }} then {{ column.name }} else '{{ instance }}:' || {{ column.name }} end
    as {{ column.name }}
    {%- else -%}
    {{ column.name }}
    {%- endif -%}
{%- endmacro %}


{% macro is_name_of_a_contact(column) %}
    {{- return(column.name == 'contact_id' and not column.meta.own_id) -}}
{% endmacro %}


{% macro is_of_instance(id, instances) -%}
    (
        {%- for instance in instances | unique -%}
        {{ ' or ' if not loop.first }}left({{ id }}, {{ instance | length + 1 }}) = '{{ instance }}:'
        {%- endfor -%}
    )
{%- endmacro %}


{% macro without_instance(id, instances) -%}
    case
        {%- for instance in instances %}
        when left({{ id }}, {{ instance | length + 1 }}) = '{{ instance }}:' then substr({{ id }}, {{ instance | length + 2 }})
        {%- endfor %}
        else {{ id }}
    end
{%- endmacro %}


{% macro names_of_contacts(changed, versions) %}
    select contact_id as name from {{ changed }}
    {%- if instances_of_contacts() %}
    union all
    select {{ without_instance('contact_id', instances_of_contacts()) }} as name from {{ changed }}
    {%- endif %}
{% endmacro %}


{% macro union_of_references(kind) -%}
    {%- set own = bringers(kind) | selectattr('is_own_format') | first -%}
    {%- if not instances_of_contacts() -%}
    {{ union_of_sources(kind) }}
    {%- else -%}
    select
        {%- for column in (extract_columns(own.source, own.extracts[0]) if execute else []) if column.name != 'contact_id' %}
        records.{{ column.name }},
        {%- endfor %}
        records.source,
        case when names.name is null then records.contact_id else {{ dimension_key('names.contact_id') }} end as contact_id
    from (
        {{ union_of_sources(kind) | indent(8) }}
    ) as records
    left join {{ ref('int_contact_legs__names') }} as names on records.contact_id = names.name
    where {{ is_affected('records.' ~ key_of_references(kind)) }}
    {%- endif -%}
{%- endmacro %}


{% macro key_of_references(kind) %}
    {{- return({'cases': 'case_id', 'contact_surveys': 'survey_id', 'evaluations': 'evaluation_id', 'orders': 'order_id'}[kind]) -}}
{% endmacro %}


{% macro table_of_references() %}
    {{- return('incremental_by_key' if instances_of_contacts() else 'view') -}}
{% endmacro %}


{% macro meta_of_references(kind) %}
    {%- if not instances_of_contacts() -%}
        {{- return({}) -}}
    {%- endif -%}
    {%- set routes, inputs = [], {} -%}
    {%- for bringer in bringers(kind) -%}
        {%- do routes.append({'through': bringer.model, 'on': {'contact_id': 'name'}}) -%}
        {%- if not bringer.is_own_format -%}
            {%- do inputs.update({bringer.model: 'rebuild'}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do inputs.update({'int_contact_legs__names': routes}) -%}
    {{- return({'incremental': {'key': [key_of_references(kind)], 'records': ['contact_id'], 'inputs': inputs}}) -}}
{% endmacro %}
