{{ config(
    materialized=table_of_references(),
    unique_key=['source', key_of_references('contact_surveys')],
    meta=meta_of_references('contact_surveys')
) }}

-- Surveys of contacts, whoever sent them. The contact that a record names is looked up where several systems have contacts (VER-2).
{{ union_of_references('contact_surveys') }}
