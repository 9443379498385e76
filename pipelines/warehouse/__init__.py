"""The warehouse's two files: how they are opened, what DuckDB may use, and how SQL text is put together."""

from pipelines.warehouse.connection import MARTS, MARTS_FILE, attach_marts, connect, hold, marts_file

__all__ = ["MARTS", "MARTS_FILE", "attach_marts", "connect", "hold", "marts_file"]
