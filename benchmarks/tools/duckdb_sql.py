"""DuckDB, by hand: what the warehouse would cost without models, tests, contracts and history."""

from pathlib import Path
from typing import Any

import duckdb

from tools.sql import AHT_SECONDS, EXTRACTS, SERVICE_LEVEL, Dialect, current, fcr_168h

_DIALECT = Dialect(
    last="max_by({value}, {order}) filter (where {where})",
    first="min_by({value}, {order})",
    has_letter="regexp_matches({text}, '\\p{{L}}')",
)


class Tool:
    """Tables in memory."""

    name = "DuckDB, SQL by hand"

    def __init__(self, extracts: Path) -> None:
        """Remember where the extracts are."""
        self._extracts = extracts
        self._connection = duckdb.connect()
        self._connection.execute("set TimeZone = 'UTC'")

    def load(self) -> None:
        """Read the extracts; current versions only."""
        for path, (columns, key) in EXTRACTS.items():
            raw = (
                f"(select *, file_row_number as line "
                f"from read_parquet('{self._extracts / path}.parquet', file_row_number = true)) as raw"
            )
            table = path.split("/")[1].removeprefix("contact_")
            self._connection.execute(current(table, columns, key, raw).format(kind="temp"))

    def fcr_168h(self) -> list[tuple[Any, ...]]:
        """First-contact resolution within 7 days by day and agent."""
        return self._connection.execute(fcr_168h(_DIALECT)).fetchall()

    def service_level(self) -> list[tuple[Any, ...]]:
        """Service level by day and queue."""
        return self._connection.execute(SERVICE_LEVEL).fetchall()

    def aht_seconds(self) -> list[tuple[Any, ...]]:
        """Average handle time by day and agent."""
        return self._connection.execute(AHT_SECONDS).fetchall()
