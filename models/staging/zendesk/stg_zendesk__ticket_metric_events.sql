-- One row per event of a metric of a ticket: the current version, withdrawn records left out.
{{ current_records('zendesk', 'ticket_metric_events') }}
