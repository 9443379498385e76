{{ config(materialized='table') }}

-- What became of every extract of the sources that are switched on. Versions are counted before staging picks the current ones.
-- depends_on: {{ ref('int_data_quality__listed') }}
{%- set extracts = [
    ['acd', 'contact_legs'],
    ['acd', 'ivr_sessions'],
    ['acd', 'agent_states'],
    ['crm', 'customers'],
    ['crm', 'cases'],
    ['crm', 'orders'],
    ['crm', 'order_reversals'],
    ['crm', 'account_logins'],
    ['finance', 'operating_costs'],
    ['qa', 'evaluations'],
    ['qa', 'evaluation_items'],
    ['reference', 'clients'],
    ['reference', 'sites'],
    ['reference', 'teams'],
    ['reference', 'queues'],
    ['reference', 'contact_reasons'],
    ['survey', 'contact_surveys'],
    ['survey', 'employee_surveys'],
    ['technion_bank', 'calls'],
    ['wfm', 'agents'],
    ['wfm', 'schedules'],
    ['wfm', 'forecasts'],
] %}
{{- check_extracts_are_listed(extracts) }}
with

final as (
    {% for source_name, table_name in extracts if var(source_name ~ '_enabled') %}
    {{ extract_quality(source_name, table_name) | indent(4) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from final
