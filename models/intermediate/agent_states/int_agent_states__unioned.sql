-- What agents did, whichever system logged it.
{{ union_of_sources('agent_states') }}
