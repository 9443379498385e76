"""dbt-duckdb plugin that gives DuckDB the secret of the pseudonyms, so that it stands in no SQL text.

The macro `hmac_sha256` computes HMAC-SHA256 (RFC 2104) from two session variables: the secret, padded to SHA-256's
block size, combined with the inner and the outer pad.
"""

import os
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from pipelines.pseudonyms import DEMO_KEY, KEY_VARIABLE, hmac_pads


class Plugin(BasePlugin):  # type: ignore[misc]
    """Sets the pads on every cursor; DuckDB's variables belong to one connection."""

    def configure_cursor(self, cursor: Any) -> None:
        """Set `pseudonym_inner_pad` and `pseudonym_outer_pad` from the environment, else from the demo's key.

        The macro `pseudonym` refuses to compile over landed extracts when the environment has no key.
        """
        inner, outer = hmac_pads(os.environ.get(KEY_VARIABLE) or DEMO_KEY)
        cursor.execute("SET VARIABLE pseudonym_inner_pad = ?", [inner])
        cursor.execute("SET VARIABLE pseudonym_outer_pad = ?", [outer])
