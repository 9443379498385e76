"""The same three KPIs, by day and member, from the same Parquet extracts, with other tools.

Each module has a class with the steps `load`, `fcr_168h`, `service_level` and `aht_seconds`. `load` reads the extracts
and keeps the current version of each record; the others return rows of day, member, numerator and denominator.
"""
