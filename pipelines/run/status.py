"""`ccw status`: the last runs and their steps, how fresh the data is, and which rows were rejected and why."""

from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipelines.publish import current_run, readable_manifest
from pipelines.warehouse import connect

_RUNS = """
select
    runs.run_id,
    runs.status,
    strftime(runs.started_at, '%Y-%m-%d %H:%M:%S') as started,
    round(sum(steps.seconds), 1) as seconds,
    string_agg(
        steps.step || ' ' || round(steps.seconds, 1) || ' s: '
        || if(steps.status = 'failed', 'failed', steps.message),  -- why it failed is the message of the run
        chr(10) order by steps.rowid
    ) as steps,
    runs.message
from ops.runs as runs
left join ops.run_steps as steps on runs.run_id = steps.run_id
group by runs.run_id, runs.status, runs.started_at, runs.message, runs.rowid
order by runs.rowid desc
limit ?
"""

_FILES = """
select
    source || coalesce('@' || instance, '') || '.' || "table" as extract,
    count(*) filter (where retried_load is null) as files,
    sum(lines) as lines,
    sum(loaded) as loaded,
    sum(rejected) as rejected,
    strftime(max(landed_at), '%Y-%m-%d %H:%M:%S') as landed
from ops.landed_files
group by all
order by all
"""

# What a file said is in ops.rejected_rows alone; here are the rules that it broke, and where.
_REJECTED = r"""
select
    files.source || coalesce('@' || files.instance, '') || '.' || files."table" as extract,
    rejected."column",
    regexp_replace(
        coalesce(rejected.rule, 'as an earlier version rejected it: see ops.rejected_rows'),
        '\d{4}-\d\d-\d\d(?: [\d:.]+)?|has \d+ columns', '…', 'g'
    ) as rule,
    count(*) as rows,
    arg_min(rejected.path || ', line ' || rejected.line, (rejected.load_id, rejected.line)) as example
from ops.rejected_rows as rejected
inner join ops.landed_files as files on rejected.load_id = files.load_id
group by all
order by rows desc, extract, "column", rule
limit ?
"""


def print_status(warehouse: Path, published: Path, console: Console, *, runs: int = 5, reasons: int = 20) -> None:
    """Print the last `runs` runs, the landed files by extract, and the `reasons` rules that rejected most rows.

    Raises:
        UsageError: there is no warehouse yet.
        WarehouseBusy: a run holds the warehouse.

    """
    manifest = readable_manifest(published)
    if manifest is None and current_run(published):
        console.print(f"Published: damaged, see `ccw verify`; `ccw run` publishes anew into {published}")
    elif manifest:
        console.print(f"Published: run {manifest.run_id}, as of {manifest.as_of:%Y-%m-%d %H:%M:%S} UTC")
    else:
        console.print(f"Published: nothing yet in {published}")
    with connect(warehouse, read_only=True) as connection:
        _print(console, "Last runs", connection.execute(_RUNS, [runs]))
        _print(console, "Landed extracts", connection.execute(_FILES))
        _print(console, "Rejected rows", connection.execute(_REJECTED, [reasons]))


def _print(console: Console, title: str, result: duckdb.DuckDBPyConnection) -> None:
    rows = result.fetchall()
    if not rows:
        console.print(f"{title}: none")
        return
    table = Table(title=title, title_justify="left")
    for column in result.description or []:
        table.add_column(column[0], overflow="fold")
    for row in rows:
        # As plain text, since brackets in a message are no markup.
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    console.print(table)
