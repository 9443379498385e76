-- One row per queue, interval and publication: the current version, withdrawn records left out.
{{ current_records('wfm', 'forecasts') }}
