-- One row per agent and instant from which a version of their team, site and role holds: the current version, withdrawn records left out.
{{ current_records('wfm', 'agents') }}
