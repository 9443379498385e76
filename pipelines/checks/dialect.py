"""The dialect through which Great Expectations uses the runner's own connection to the warehouse.

DuckDB allows one configuration per file and process, and the warehouse must be free for dbt right after the
checks. So Great Expectations opens nothing: it borrows a connection, which its owner closes.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import duckdb
from duckdb_sqlalchemy import ConnectionWrapper, Dialect
from sqlalchemy import pool
from sqlalchemy.dialects import registry

_NAME = "ccw_duckdb"

_lent: dict[str, duckdb.DuckDBPyConnection] = {}


@contextlib.contextmanager
def lend(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Give the SQLAlchemy URL under which engines use this connection until the block ends."""
    name = f"connection_{id(connection)}"
    _lent[name] = connection
    try:
        yield f"{_NAME}:///{name}"
    finally:
        del _lent[name]


class _BorrowedConnection(ConnectionWrapper):  # type: ignore[misc]
    def close(self) -> None:
        """Leave the connection open: it is its owner's to close."""


class BorrowingDialect(Dialect):  # type: ignore[misc]
    """DuckDB's dialect, on a lent connection and without transactions.

    Great Expectations rolls the transaction back before it has read the results, and DuckDB then drops them
    ("list index out of range"); so every statement commits by itself.
    """

    name = _NAME
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: Any) -> type[pool.Pool]:
        """Choose the pool: there is one connection."""
        return pool.StaticPool

    def connect(self, *_: Any, **parameters: Any) -> Any:
        """Borrow the connection that the URL names."""
        return _BorrowedConnection(_lent[parameters["database"]])

    def do_begin(self, dbapi_connection: Any) -> None:
        """Begin nothing."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Commit nothing."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Roll back nothing."""


registry.register(_NAME, __name__, BorrowingDialect.__name__)
