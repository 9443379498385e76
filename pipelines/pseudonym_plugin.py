"""dbt-duckdb plugin that gives DuckDB the secret of the pseudonyms, so that it stands in no SQL text.

The macro `pseudonym` computes HMAC-SHA256 (RFC 2104) from two session variables that hold the secret, padded to
SHA-256's block size and combined with the inner and the outer pad.
"""

import hashlib
import os
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

KEY_VARIABLE = "CCW_PSEUDONYM_KEY"
DEMO_KEY = "the key of the demo extracts, which protects nobody"

_BLOCK_BYTES = 64


def hmac_pads(key: str) -> tuple[bytes, bytes]:
    """The inner and the outer pad of HMAC-SHA256 for `key`, 64 bytes each."""
    secret = key.encode()
    if len(secret) > _BLOCK_BYTES:
        secret = hashlib.sha256(secret).digest()
    secret = secret.ljust(_BLOCK_BYTES, b"\0")
    return bytes(byte ^ 0x36 for byte in secret), bytes(byte ^ 0x5C for byte in secret)


class Plugin(BasePlugin):
    """Sets the pads on every cursor; DuckDB's variables belong to one connection."""

    def configure_cursor(self, cursor: Any) -> None:
        """Set `pseudonym_inner_pad` and `pseudonym_outer_pad` from the environment, else from the demo's key.

        The macro `pseudonym` refuses to compile over landed extracts when the environment has no key.
        """
        inner, outer = hmac_pads(os.environ.get(KEY_VARIABLE) or DEMO_KEY)
        cursor.execute("SET VARIABLE pseudonym_inner_pad = ?", [inner])
        cursor.execute("SET VARIABLE pseudonym_outer_pad = ?", [outer])
