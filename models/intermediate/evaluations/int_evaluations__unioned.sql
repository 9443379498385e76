{{ config(
    materialized=table_of_references(),
    unique_key=['source', key_of_references('evaluations')],
    meta=meta_of_references('evaluations')
) }}

-- Quality evaluations, whichever system holds them. Where several systems have contacts, the contact that a record names is
-- looked up (VER-2).
{{ union_of_references('evaluations') }}
