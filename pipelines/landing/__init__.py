"""Landing: extract files into raw tables, each exactly once, with every bad row accounted for."""

from pipelines.landing.again import reset, retry_rejected, table_of
from pipelines.landing.land_files import land
from pipelines.landing.ledger import create_raw_tables
from pipelines.landing.report import FileResult, LandReport

__all__ = ["FileResult", "LandReport", "create_raw_tables", "land", "reset", "retry_rejected", "table_of"]
