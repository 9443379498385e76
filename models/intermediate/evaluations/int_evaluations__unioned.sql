{{ config(
    materialized=table_of_references(),
    unique_key=['source', key_of_references('evaluations')],
    meta=meta_of_references('evaluations')
) }}

-- Quality evaluations, whichever system holds them. The contact that a record names is looked up where several systems have contacts (VER-2).
{{ union_of_references('evaluations') }}
