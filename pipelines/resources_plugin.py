"""dbt-duckdb plugin that lets dbt's DuckDB use what `pipelines.resources` says, also in a bare `dbt build`."""

from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from pipelines.resources import STORAGE, configure


class Plugin(BasePlugin):  # type: ignore[misc]
    """Sets threads, memory, the folder to spill to, and whether rows keep their order, of the whole database."""

    def update_connection_config(self, creds: Any, config: dict[str, Any]) -> None:
        """Open the file as `pipelines.warehouse` does: all connections of a process to it have one configuration."""
        config.update(STORAGE)

    def configure_connection(self, conn: Any) -> None:
        """Set them once, on the connection of which all cursors are made."""
        configure(conn, row_order_matters=False)
