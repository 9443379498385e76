-- Orders, whichever system took them.
{{ union_of_sources('orders') }}
