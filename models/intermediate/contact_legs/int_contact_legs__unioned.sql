{# A table on Spark, where the check of what landed reads it from its files. #}
{{ config(materialized='table' if target.type == 'spark' else 'view') }}

-- A leg is a leg, whichever system logged it.
{{ union_of_sources('contact_legs') }}
