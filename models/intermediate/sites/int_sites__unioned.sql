{{ config(meta={'is_lookup': true}) }}

-- Sites, whichever system lists them.
{{ union_of_sources('sites') }}
