-- One row per reversal of an order: the current version, withdrawn records left out.
{{ current_records('crm', 'order_reversals') }}
