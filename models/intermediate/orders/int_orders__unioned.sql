{{ config(
    materialized=table_of_references(),
    unique_key=['source', key_of_references('orders')],
    meta=meta_of_references('orders')
) }}

-- Orders, whichever system took them. The contact that a record names is looked up where several systems have contacts (VER-2).
{{ union_of_references('orders') }}
