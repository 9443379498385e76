{{ config(
    materialized='incremental_by_key',
    unique_key=['contact_id', 'leg_number'],
    meta={'incremental': {'key': ['contact_id']}}
) }}

-- One row per queue visit and/or agent stint of a contact: the current version, withdrawn records left out.
{{ current_records('acd', 'contact_legs', is_affected('contact_id')) }}
