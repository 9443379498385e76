-- A leg is a leg, whichever system logged it.
{{ union_of_sources('contact_legs') }}
