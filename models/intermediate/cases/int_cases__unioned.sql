-- Cases, whichever system tracks them.
{{ union_of_sources('cases') }}
