-- Cancellations, returns and chargebacks, whichever system booked them.
{{ union_of_sources('order_reversals') }}
