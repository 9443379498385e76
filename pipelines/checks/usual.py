"""Judges what `int_checks__load_usual` measured: which loads depart from what is usual by more than chance.

Of each load and measure of a column the least likely value counts. Its chance is multiplied by everything else that was
looked at in that load, so that the limit is the chance of a false alarm of the whole load.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np

from pipelines.checks.surprise import Numbers, Usual, chances, columns_of

MEASURES = "intermediate.int_checks__load_usual"

# A departure to one side only is no lie: more contacts are identified, fewer records are alike.
_ONLY_LESS = ("identified",)
_ONLY_MORE = ("rows so far", "twin", "new", "unknown")
# A column that is empty throughout is a lie however few rows used to fill it.
_GONE = ("filled", "ended", "identified")
# What is still open is no lie, unless everything is.
_ONLY_GONE = ("ended",)
_HORIZONS = 2  # the day, and it with the two days before


@dataclass(frozen=True)
class Limits:
    """Where usual ends; `fail` and `warn` as pipelines/checks/limits.yml says them."""

    false_alarms: Mapping[str, float]
    least_factor: Mapping[str, float]
    least_change: Mapping[str, float]
    least_change_of_hours: Mapping[str, float]
    least_days: int
    least_spread: float


def judge(connection: duckdb.DuckDBPyConnection, limits: Limits, relation: str = MEASURES) -> list[dict[str, Any]]:
    """Give a row per load, measure and column: how many false alarms such a departure is worth, and in words.

    `failing` and `warning` are the chance of the departure, times all that was looked at of the load; 1 where it is too
    small to matter, and None where there is too little history to tell.
    """
    order = "table_name, load_id, measure, column_name"
    table = connection.execute(f"select * from {relation} order by {order}").fetchnumpy()
    size = len(table["hits"])
    if not size:
        return []
    worst = _worst(table, limits)
    measures, columns, loads = (np.ma.filled(table[name]) for name in ("measure", "column_name", "load_id"))
    starts = np.flatnonzero(
        np.concatenate(
            [[True], (loads[1:] != loads[:-1]) | (measures[1:] != measures[:-1]) | (columns[1:] != columns[:-1])]
        )
    )
    ends = np.append(starts[1:], size)
    judged = np.ma.filled(table["history_days"], 0) >= limits.least_days
    groups = [range(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]
    groups_of_load = Counter(int(loads[group.start]) for group in groups if judged[group.start : group.stop].any())
    rows = []
    for group in groups:
        looked_at = int(judged[group.start : group.stop].sum()) * groups_of_load[int(loads[group.start])] * _HORIZONS
        rows.append(_row(table, list(limits.false_alarms), worst, looked_at, group))
    return rows


@dataclass(frozen=True)
class _Worst:
    """By severity the chance of each row, and whether the recent days together are less likely than the day."""

    chance: dict[str, Numbers]
    recent: dict[str, Any]


def _worst(table: Mapping[str, Any], limits: Limits) -> _Worst:
    size = len(table["hits"])
    chance = {severity: np.ones(size) for severity in limits.false_alarms}
    recent = {severity: np.zeros(size, dtype=bool) for severity in limits.false_alarms}
    measure = np.ma.filled(table["measure"])
    judged = np.ma.filled(table["history_days"], 0) >= limits.least_days
    for is_recent in (False, True):
        usual = columns_of(table, recent=is_recent)
        more = usual.hits > np.where(np.isnan(usual.total), usual.expected, usual.expected * usual.total)
        counts = judged & ~(np.isin(measure, _ONLY_LESS) & more) & ~(np.isin(measure, _ONLY_MORE) & ~more)
        large = {severity: counts & _is_large(usual, measure, limits, severity) for severity in chance}
        large["fail"] &= np.ma.filled(table["is_history"], 0) == 0
        candidates = np.flatnonzero(np.logical_or.reduce(list(large.values())))
        found = np.ones(size)
        found[candidates] = chances(
            Usual(**{name: values[candidates] for name, values in vars(usual).items()}), limits.least_spread
        )
        for severity, chosen in chance.items():
            of_severity = np.where(large[severity], found, 1.0)
            recent[severity] |= is_recent & (of_severity < chosen)
            chance[severity] = np.minimum(chosen, of_severity)
    return _Worst(chance, recent)


def _is_large(usual: Usual, measure: Any, limits: Limits, severity: str) -> Any:
    factor, hour = limits.least_factor[severity], limits.least_change_of_hours[severity]
    change = np.where(measure == "hour", hour, limits.least_change[severity])
    is_rows = np.isnan(usual.total)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.maximum(usual.hits, 0.1) / np.maximum(usual.expected, 0.1)
        rows = (ratio >= factor) | (ratio <= 1 / factor)
        share = np.abs(usual.hits / usual.total - usual.expected) >= change
    gone = np.isin(measure, _GONE) & (usual.hits == 0)
    return np.where(is_rows, rows, (share & ~np.isin(measure, _ONLY_GONE)) | gone)


def _row(
    table: Mapping[str, Any], severities: list[str], worst: _Worst, looked_at: int, group: range
) -> dict[str, Any]:
    """Put a measure of a load into one row; with nothing looked at there is nothing to tell."""
    first = group.start
    chance: dict[str, float | None] = {}
    in_words = {}
    for severity in severities:
        least = first + int(np.argmin(worst.chance[severity][first : group.stop]))
        in_words[severity] = _in_words(table, least, is_recent=bool(worst.recent[severity][least]))
        chance[severity] = min(float(worst.chance[severity][least]) * looked_at, 1.0) if looked_at else None
    measure, column = str(table["measure"][first]), str(table["column_name"][first])
    is_by_load = bool(np.ma.getmaskarray(table["load_day"])[first])
    is_gone = measure in _GONE and table["hits"][first] == 0
    if is_by_load and not is_gone and looked_at:
        # Nobody says how often such an extract comes, or of what: it only warns.
        chance["fail"] = 1.0
    load_id = int(table["load_id"][first])
    return {
        "table_name": str(table["table_name"][first]),
        "item": f"{load_id} {measure} {column}".strip(),
        "load_id": load_id,
        "measure": measure,
        "column_name": column,
        "failing": chance["fail"],
        "warning": chance["warn"],
        "failing_in_words": in_words["fail"],
        "warning_in_words": in_words["warn"],
    }


def _in_words(table: Mapping[str, Any], at: int, *, is_recent: bool) -> str:
    def of(name: str) -> Any:
        value = np.ma.asarray(table[name])[at]
        return None if value is np.ma.masked else value

    day = of("load_day")
    place = str(of("path")) + (f", {str(day)[:10]}" if day is not None else "")
    if is_recent:
        place += " and the two days before"
    if of("usual") is None:
        return f"{place}: nothing to compare with yet"
    hits, total = (of("recent_hits"), of("recent_total")) if is_recent else (of("hits"), of("total"))
    measure, column, value = str(of("measure")), str(of("column_name")), str(of("landed_value"))
    if total is None:
        usual = of("recent_expected_hits") if is_recent else of("usual")
        return f"{place}: {hits:,.0f} rows, usual {usual:,.0f}"
    usual = of("recent_expected_hits") / max(total, 1) if is_recent else of("usual")
    shares = f"{hits / max(total, 1):.0%} of {total:,} rows, usual {usual:.0%}"
    return f"{place}: {_WORDS[measure](column, value, usual)} {shares}"


def _value(column: str, value: str, usual: float) -> str:
    # A value that is not usual may stand in the wrong column, and be personal.
    shown = repr(value) if usual >= 0.01 else f"{value[:1]}…{value[-1:]} ({len(value)} characters)"  # noqa: PLR2004
    return f"{column} is {shown} in"


_WORDS: dict[str, Callable[[str, str, float], str]] = {
    "filled": lambda column, value, usual: f"{column} is filled in",
    "ended": lambda column, value, usual: f"{column} is filled in",
    "value": _value,
    "size": lambda column, value, usual: f"{column} is below {int(value):,} in",
    "length": lambda column, value, usual: f"{column} has at most {int(value)} characters in",
    "hour": lambda column, value, usual: f"{column} is before {int(value) + 1:02d}:00 UTC in",
    "identified": lambda column, value, usual: f"{column} say who the customer is in",
    "twin": lambda column, value, usual: f"another {column} has the same content in",
    "new": lambda column, value, usual: f"{column} is what no day before had in",
    "unknown": lambda column, value, usual: f"{column} is not listed in the reference extracts in",
}
