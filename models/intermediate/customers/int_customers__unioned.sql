-- Customers, whichever system knows them.
{{ union_of_sources('customers') }}
