-- Quality evaluations, whichever system holds them.
{{ union_of_sources('evaluations') }}
