"""Why `ccw kpi` finds no value: what was asked for is not there, or nothing has come that the KPI is counted from."""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import duckdb

from pipelines.landing.declarations import load_declarations
from pipelines.settings import PROJECT_DIR

if TYPE_CHECKING:
    from pipelines.kpi.show import KpiQuestion

_MOST_MEMBERS = 20


def no_such_kpi(connection: duckdb.DuckDBPyConnection, kpi: str) -> str:
    """Say what else may be meant: the KPIs of a family of that name, or those with a similar name."""
    rows = connection.execute("select kpi, family from marts.kpi_catalog order by kpi").fetchall()
    meant = [name for name, family in rows if family == kpi] or get_close_matches(kpi, [name for name, _ in rows])
    hint = f"did you mean {' or '.join(meant)}? " if meant else ""
    return f"There is no KPI {kpi}; {hint}`ccw kpi --list` shows all."


def no_such_level(catalog: dict[str, Any], level: str) -> str:
    """Say by what the KPI is reported."""
    close = get_close_matches(level, catalog["levels"].split(", "), n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return f"{catalog['kpi']} is not reported by {level}, but by {catalog['levels']}.{hint}"


def no_value(connection: duckdb.DuckDBPyConnection, catalog: dict[str, Any], question: "KpiQuestion") -> str:
    """Say why no row answers the question, from the KPI as a whole down to the time that was asked for."""
    kpi, level, grain = question.kpi, question.level, question.grain
    has_none = f"{kpi} has no value"
    if "period_grains" in catalog and grain not in catalog["period_grains"].split(", "):
        return f"{has_none} per {grain}: it is reported per {catalog['period_grains']}."
    levels = connection.execute(
        "select distinct level from marts.kpi_values where kpi = ? and period_grain = ? order by level", [kpi, grain]
    ).fetchall()
    if not levels:
        return f"{has_none} at all: {_nothing_to_count(connection, catalog)}"
    if (level,) not in levels:
        return (
            f"{has_none} by {level}: no {level} of it is known; it has values by {', '.join(row[0] for row in levels)}."
        )
    members = dict(
        connection.execute(
            """
            select level_id, (min(period_start), max(period_start))
            from marts.kpi_values where kpi = ? and level = ? and period_grain = ?
            group by level_id order by level_id
            """,
            [kpi, level, grain],
        ).fetchall()
    )
    if question.member is not None and question.member not in members:
        close = get_close_matches(question.member, members, n=2)
        some = close or list(members)[:_MOST_MEMBERS]
        hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(some)}"
        more = ", …" if not close and len(members) > len(some) else ""
        return f"{has_none} for {level} {question.member}; {hint}{more}"
    periods = [members[question.member]] if question.member is not None else list(members.values())
    first, last = min(start for start, _ in periods), max(end for _, end in periods)
    whose = f" of {level} {question.member}" if question.member is not None else ""
    return f"{has_none} in that time: each {grain}{whose} with one starts from {first} to {last}."


def _nothing_to_count(connection: duckdb.DuckDBPyConnection, catalog: dict[str, Any]) -> str:
    """Name the facts without a row, and the extracts of which nothing has come."""
    facts = dict.fromkeys(catalog[f"{side}_fact"] for side in ("numerator", "denominator"))
    empty = [fact for fact in facts if connection.execute(f"select 1 from marts.{fact} limit 1").fetchone() is None]
    if not empty:
        return f"no row of marts.{' or marts.'.join(facts)} counts for it; `--explain` says which would."
    landed = {
        f"{source}.{table}": rows
        for source, table, rows in connection.execute(
            'select source, "table", landed from marts.data_quality'
        ).fetchall()
    }
    declared = [f"{table.source}.{table.name}" for table in load_declarations(PROJECT_DIR).tables]
    off = [name for name in declared if name not in landed and not _is_of_a_vendor(name)]
    missing = [name for name in declared if landed.get(name) == 0]
    said = [f"marts.{' and marts.'.join(empty)}, which it is counted from, has no row."]
    if missing:
        said.append(f"Nothing has landed of {', '.join(missing)}.")
    if off:
        said.append(f"Switched off are {', '.join(off)}.")
    return " ".join(said)


def _is_of_a_vendor(extract: str) -> bool:
    """Whether the extract is in a vendor's own format, which is off until something of it has landed."""
    from pipelines.build.project_vars import project_vars  # noqa: PLC0415 - its libraries cost time

    return "records" in project_vars()["sources"].get(extract.split(".", maxsplit=1)[0], {})
