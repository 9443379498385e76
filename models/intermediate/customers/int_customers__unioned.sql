-- Customers, whichever system knows them.
{{ union_without_twins('customers', ['customer_id']) }}
