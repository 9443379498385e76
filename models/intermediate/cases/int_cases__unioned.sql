{{ config(
    materialized=table_of_references(),
    unique_key=['source', key_of_references('cases')],
    meta=meta_of_references('cases')
) }}

-- Cases, whichever system tracks them. The contact that a record names is looked up where several systems have contacts (VER-2).
{{ union_of_references('cases') }}
