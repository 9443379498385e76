"""dbt-duckdb plugin that prepares dbt's DuckDB, also in a bare `dbt build`.

It may use what `pipelines.warehouse.resources` says. It is given the secret of the pseudonyms too, so that this stands
in no SQL text: the macro `hmac_sha256` computes HMAC-SHA256 (RFC 2104) from two session variables, which are the
secret, padded to SHA-256's block size and combined with the inner and the outer pad. A third one says whether the
environment has a secret: dbt itself never reads it, since it would keep it in its own files.
"""

import hashlib
import os
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from pipelines.settings import DEMO_KEY, KEY_VARIABLE
from pipelines.warehouse.private import NOBODY_ELSE
from pipelines.warehouse.resources import STORAGE, configure

_BLOCK_BYTES = 64


class Plugin(BasePlugin):  # type: ignore[misc]
    """Sets what the database may use, and the pads of the pseudonyms."""

    def update_connection_config(self, creds: Any, config: dict[str, Any]) -> None:
        """Open the file as `pipelines.warehouse` does: all connections of a process to it have one configuration."""
        config.update(STORAGE)
        os.umask(NOBODY_ELSE)  # what a bare `dbt build` writes says who the customers are, too

    def configure_connection(self, conn: Any) -> None:
        """Set what it may use, once, on the connection of which all cursors are made."""
        configure(conn, row_order_matters=False)

    def configure_cursor(self, cursor: Any) -> None:
        """Set the variables of the pseudonyms on every cursor: DuckDB's variables belong to one.

        The secret is the environment's, else the demo's. The macro `pseudonym` refuses to compile over landed extracts
        when the environment has none.
        """
        key = os.environ.get(KEY_VARIABLE)
        inner, outer = hmac_pads(key or DEMO_KEY)
        cursor.execute("SET VARIABLE has_pseudonym_key = ?", [bool(key)])
        cursor.execute("SET VARIABLE pseudonym_inner_pad = ?", [inner])
        cursor.execute("SET VARIABLE pseudonym_outer_pad = ?", [outer])


def hmac_pads(key: str) -> tuple[bytes, bytes]:
    """Combine `key` with the inner and the outer pad of HMAC-SHA256; 64 bytes each."""
    secret = key.encode()
    if len(secret) > _BLOCK_BYTES:
        secret = hashlib.sha256(secret).digest()
    secret = secret.ljust(_BLOCK_BYTES, b"\0")
    return bytes(byte ^ 0x36 for byte in secret), bytes(byte ^ 0x5C for byte in secret)
