"""Loads that are well formed and wrong: each is caught on the day that brings it, and honest days are let through."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import loads_support as support
import pytest
from conftest import DEMO, Run, run_ccw
from dbt.cli.main import dbtRunner

from pipelines.build.run_dbt import _release_warehouse
from pipelines.landing.declarations import Declarations, load_declarations
from pipelines.settings import DEMO_KEY, KEY_VARIABLE

PROJECT = Path(__file__).parents[2]
HISTORY = 63  # days
LARGE, SMALL = 4000, 40  # rows of a day
# Three small days together are 120 rows. What they can't tell is listed with its power in docs/decisions.md (CHK-7).
LOADS = {LARGE: 1, SMALL: 3}
# Honest days that are judged; `make test-long` asks for 208 of each size.
HONEST_DAYS = int(os.environ.get("CCW_TEST_HONEST_DAYS", "26"))


@pytest.fixture(scope="module")
def declarations() -> Declarations:
    """Read the declarations of the project itself."""
    return load_declarations(PROJECT)


@pytest.fixture(scope="module")
def measures(tmp_path_factory: pytest.TempPathFactory, declarations: Declarations) -> Iterator[support.Measures]:
    """Compile the models that measure, once they have measured something before."""
    folder = tmp_path_factory.mktemp("compiled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CCW_WAREHOUSE", str(folder / "warehouse.duckdb"))
        patch.setenv(KEY_VARIABLE, DEMO_KEY)
        with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
            support.create_raw(connection, declarations)
            connection.execute(f"create table intermediate.{support.COUNTS} (load_id bigint)")
        dbt_vars = {"extracts": "landed", "checked_after_load": int(support.AFTER)}
        try:
            outcome = dbtRunner().invoke(
                [
                    *("--quiet", "--no-send-anonymous-usage-stats", "--log-path", str(folder)),
                    *("compile", "--no-write-json", "--select", *support.MODELS),
                    *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
                    *("--target-path", str(folder / "target"), "--vars", json.dumps(dbt_vars)),
                ]
            )
        finally:
            _release_warehouse()
        assert outcome.success, outcome.exception
        nodes = {result.node.name: result.node for result in outcome.result}
        yield [
            support.Measure(name, nodes[name].config.materialized, nodes[name].compiled_code) for name in support.MODELS
        ]


@pytest.fixture(scope="module", params=[LARGE, SMALL])
def centre(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    declarations: Declarations,
    measures: support.Measures,
) -> Iterator[tuple[int, duckdb.DuckDBPyConnection]]:
    """A centre with nine honest weeks behind it, and how many contacts it has a day."""
    path = tmp_path_factory.mktemp("centre") / "warehouse.duckdb"
    connection = support.history(path, declarations, measures, request.param, HISTORY)
    yield request.param, connection
    connection.close()


Centre = tuple[int, duckdb.DuckDBPyConnection]


@pytest.mark.parametrize("lie", support.MUTATIONS)
def test_a_load_that_lies_is_caught(centre: Centre, measures: support.Measures, lie: str) -> None:
    """On the load that brings it, or within three small ones."""
    rows, connection = centre
    days = range(HISTORY, HISTORY + LOADS[rows])
    caught = support.loads_until_caught(connection, measures, support.MUTATIONS[lie], rows, days=days)
    assert caught is not None, f"{lie} at {rows} rows a day was not noticed in {len(days)} loads"


def test_a_missing_day_is_caught_by_the_load_after_it(centre: Centre, measures: support.Measures) -> None:
    rows, connection = centre
    with support.undone(connection):
        support.make_days(connection, HISTORY + 1, HISTORY + 2, rows)
        support.land_made(connection)
        support.measure(connection, measures, HISTORY + 1)
        (failed,) = support.judged(connection)
    assert failed["measure"] == "rows"
    assert f"legs/{HISTORY + 2}.csv, 2025-03-10: 0 rows, usual" in failed["failing_in_words"]


def test_an_honest_load_is_let_through(centre: Centre, measures: support.Measures) -> None:
    """So what is caught above is caught for the lie."""
    rows, connection = centre
    with support.undone(connection):
        support.make_days(connection, HISTORY, HISTORY + 1, rows)
        support.land_made(connection)
        support.measure(connection, measures, HISTORY)
        assert support.judged(connection) == []


def test_what_failed_does_not_become_usual(centre: Centre, measures: support.Measures) -> None:
    """Five loads that were refused leave the sixth as surprising as the first; accepted ones do not."""
    rows, connection = centre
    mutation = support.MUTATIONS["direction turned round"]
    chances = {}
    for verdict in ("failed", "accepted"):
        with support.undone(connection):
            support.make_days(connection, HISTORY, HISTORY + 5, rows)
            support.land_made(connection, mutation, verdict)
            support.measure(connection, measures, HISTORY)
            support.make_days(connection, HISTORY + 5, HISTORY + 6, rows)
            support.land_made(connection, mutation)
            support.measure(connection, measures, HISTORY + 5)
            chances[verdict] = any(
                failed["measure"] == "value" and failed["column_name"] == "direction"
                for failed in support.judged(connection)
            )
    assert chances == {"failed": True, "accepted": False}


def test_a_day_that_came_again_is_judged_as_a_whole(centre: Centre, measures: support.Measures) -> None:
    """A corrected file brings every row once more: that is no second day, but it is looked at all the same."""
    rows, connection = centre
    with support.undone(connection):
        support.make_days(connection, HISTORY, HISTORY + 1, rows)
        support.land_made(connection, verdict="failed")
        support.measure(connection, measures, HISTORY)
        again = "select * replace (_load_id + 1 as _load_id) from made"
        support.land_made(connection, again)
        support.measure(connection, measures, HISTORY + 1)
        assert support.judged(connection) == []
    with support.undone(connection):
        support.make_days(connection, HISTORY, HISTORY + 1, rows)
        support.land_made(connection, verdict="passed")
        support.measure(connection, measures, HISTORY)
        swapped = f"select * replace (_load_id + 1 as _load_id) from ({support.MUTATIONS['talk and acw swapped']})"
        support.land_made(connection, swapped)
        support.measure(connection, measures, HISTORY + 1)
        assert {failed["column_name"] for failed in support.judged(connection)} >= {"talk_seconds", "acw_seconds"}


@pytest.mark.parametrize("rows", [SMALL, 400] if HONEST_DAYS < 100 else [SMALL, 400, LARGE])
def test_honest_days_pass(rows: int, tmp_path: Path, declarations: Declarations, measures: support.Measures) -> None:
    """At most one false alarm in 200 honest days: the whole of a load is allowed one in two thousand."""
    connection = support.history(tmp_path / "warehouse.duckdb", declarations, measures, rows, 53)
    alarms = []
    for first in range(53, 53 + HONEST_DAYS, 52):
        last = min(first + 52, 53 + HONEST_DAYS)
        support.make_days(connection, first, last, rows)
        support.land_made(connection)
        support.measure(connection, measures, first)
        alarms += support.judged(connection)
        connection.execute(
            "insert into ops.load_verdicts select load_id, 'passed', 'test', landed_at from ops.landed_files "
            "where load_id not in (select load_id from ops.load_verdicts)"
        )
    connection.close()
    assert len({alarm["load_id"] for alarm in alarms}) <= HONEST_DAYS // 200, alarms


def test_a_lie_stops_publishing_until_it_is_accepted(demo: Run, tmp_path: Path) -> None:
    """From the file to the exit code: 104 contacts of the demo a week later, with talk and after-call work swapped."""
    shutil.copytree(demo.folder / "var", tmp_path / "var", symlinks=True)
    (tmp_path / "extracts" / "acd").mkdir(parents=True)
    with duckdb.connect() as connection:
        times = ", ".join(f"{time} + interval 7 day as {time}" for time in (*support.TIMES, "updated_at"))
        connection.execute(
            f"""
            copy (
                select * replace (
                    'Z' || contact_id[2:] as contact_id, null as related_contact_id, {times},
                    acw_seconds as talk_seconds, talk_seconds as acw_seconds
                )
                from read_csv('{DEMO}/acd/contact_legs.csv') where cast(started_at as date) = date '2026-04-20'
            ) to '{tmp_path}/extracts/acd/contact_legs.27.csv' (header)
            """
        )
    options = ("run", "--extracts", "extracts", "--no-report")
    refused = run_ccw(tmp_path, *options, key=DEMO_KEY)
    assert refused.returncode == 1
    assert "usual size of acd.contact_legs: load 22, acd/contact_legs.27.csv, 2026-04-27" in refused.stderr
    assert "--accept-load" in refused.stderr
    accepted = run_ccw(tmp_path, *options, "--accept-load", "22", key=DEMO_KEY)
    assert accepted.returncode == 0, accepted.stderr
    with duckdb.connect(str(tmp_path / "var" / "warehouse.duckdb"), read_only=True) as connection:
        verdicts = connection.execute("select load_id from ops.load_verdicts where verdict = 'accepted'").fetchall()
    assert verdicts == [(22,)]
