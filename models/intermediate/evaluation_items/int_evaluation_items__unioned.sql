-- Items of evaluations, whichever system holds them.
{{ union_of_sources('evaluation_items') }}
