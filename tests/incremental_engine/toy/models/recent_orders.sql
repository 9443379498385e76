{{ config(materialized='view') }}

select * from {{ ref('orders') }} where ordered_at >= timestamp '2026-01-01'
