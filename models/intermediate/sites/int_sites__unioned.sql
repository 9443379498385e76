-- Sites, whichever system lists them.
{{ union_of_sources('sites') }}
