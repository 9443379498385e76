-- One row per call that entered the voice menu: the current version, withdrawn records left out.
{{ current_records('technion_bank', 'calls') }}
