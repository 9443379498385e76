-- Costs, whichever system booked them.
{{ union_of_sources('operating_costs') }}
