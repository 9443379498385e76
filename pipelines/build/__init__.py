"""The build: dbt makes the marts of what has landed, on DuckDB or on Apache Spark."""

from pipelines.build.project_vars import check_vars
from pipelines.build.run_dbt import (
    BuildReport,
    build,
    build_door,
    built_as_of,
    built_vars,
    has_phone_country,
    is_up_to_date,
    last_build,
    published_tables,
    settings_fingerprint,
    unchanged_since,
)

__all__ = [
    "BuildReport",
    "build",
    "build_door",
    "built_as_of",
    "built_vars",
    "check_vars",
    "has_phone_country",
    "is_up_to_date",
    "last_build",
    "published_tables",
    "settings_fingerprint",
    "unchanged_since",
]
