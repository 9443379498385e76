-- Forecasts, whichever system published them.
{{ union_of_sources('forecasts') }}
