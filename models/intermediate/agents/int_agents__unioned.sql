-- Agents, whichever system lists them.
{{ union_without_twins('agents', ['agent_id', 'effective_from']) }}
