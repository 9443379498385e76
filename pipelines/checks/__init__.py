"""Checks with Great Expectations: of the extracts at the door, and of the marts before they are published.

A check is an expectation about a small table of measures, which is a model. Results are kept in `ops.checks` and as
Data Docs (HTML). Great Expectations is imported only when there is something to check, because that takes seconds.
"""

from pipelines.checks.landed import LandedLimits, check_landed
from pipelines.checks.marts import check_marts
from pipelines.checks.report import Check, CheckReport, raise_for_failures

__all__ = [
    "Check",
    "CheckReport",
    "LandedLimits",
    "check_landed",
    "check_marts",
    "raise_for_failures",
]
