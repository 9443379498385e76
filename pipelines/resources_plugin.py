"""dbt-duckdb plugin that lets dbt's DuckDB use what `pipelines.resources` says, also in a bare `dbt build`."""

from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from pipelines.resources import configure


class Plugin(BasePlugin):  # type: ignore[misc]
    """Sets threads, memory, the folder to spill to, and whether rows keep their order, of the whole database."""

    def configure_connection(self, conn: Any) -> None:
        """Set them once, on the connection of which all cursors are made."""
        configure(conn, row_order_matters=False)
