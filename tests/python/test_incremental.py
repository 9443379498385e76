"""Whatever lands in whatever order, the marts end up as if all of it had been built at once.

A simulated extract set is cut into batches, which come with random changes of rows that have landed, and with "now"
moving on; some runs build a part of the models only, as if they had died. `make test-long` runs many.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from conftest import run_ccw
from incremental_support import (
    DAY,
    Batch,
    Dbt,
    Warehouse,
    add,
    cut,
    differences,
    newest_event,
    random_change,
    rows_of,
    write_extracts,
)
from reference.extracts import read_extracts
from reference_support import differing_kpi_values

from pipelines.landing import land
from pipelines.landing.declarations import load_declarations
from pipelines.settings import DEMO_KEY, KEY_VARIABLE, PROJECT_DIR
from pipelines.warehouse import connect

EPISODES = int(os.environ.get("CCW_TEST_EPISODES", "1"))
BATCHES = 6 if EPISODES > 1 else 3

LAST_RUN = "run = (select max(run) from incremental.runs)"
REBUILT = f"select model, rebuilt_because from incremental.builds where rebuilt_{LAST_RUN}"


@pytest.fixture(scope="module")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dbt]:
    """One dbt for all episodes."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(KEY_VARIABLE, DEMO_KEY)
        environment.setenv("CCW_WAREHOUSE", "")
        yield Dbt(tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Rows of 400 contacts over 45 days, and all else that happened meanwhile."""
    folder = tmp_path_factory.mktemp("simulated")
    outcome = run_ccw(folder, "simulate", "--contacts", "400", "--days", "45", "--seed", "3", "--out", "extracts")
    assert outcome.returncode == 0, outcome.stderr
    with connect(folder / "warehouse.duckdb") as connection:
        land(
            connection,
            folder / "extracts",
            load_declarations(PROJECT_DIR, {}),
            run_id="",
            now=datetime(2026, 6, 1, tzinfo=UTC),
            on_file=lambda _: None,
        )
    return rows_of(folder / "warehouse.duckdb")


@pytest.mark.parametrize("seed", range(EPISODES))
def test_random_batches_end_like_a_full_refresh(seed: int, dbt: Dbt, extracts: Batch, tmp_path: Path) -> None:
    random = Random(seed)
    warehouse = Warehouse.empty(tmp_path / "batches" / "warehouse.duckdb", dbt)
    seen: Batch = {}
    story: list[Any] = []
    dbt_vars: dict[str, Any] = {}
    for number, batch in enumerate(cut(extracts, random, BATCHES)):
        add(batch, to=seen)
        warehouse.land(batch)
        if number == 0:
            warehouse.build(dbt_vars)
            continue
        for _ in range(random.randint(2, 9)):
            name, change = random_change(random, seen)
            story.append(name)
            add(change, to=seen)
            warehouse.land(change)
        if random.random() < 0.3:
            dbt_vars["as_of"] = (newest_event(seen) + random.choice([0, 1, 3, 31]) * DAY).isoformat()
            story.append(dbt_vars["as_of"])
        if random.random() < 0.05:
            dbt_vars["shared_address_max_customers"] = random.choice([1, 2])
            story.append("setting")
        if random.random() < 0.3:
            story.append(warehouse.build_some(random, dbt_vars))
        if random.random() < 0.3:
            story.append(f"{warehouse.build_one_unrecorded(random, dbt_vars)} unrecorded")
        warehouse.build_incremental(dbt_vars)
        story.append(warehouse.query(REBUILT))
    warehouse.build_tables(dbt_vars)
    name, change = random_change(random, seen)
    story.append(f"{name}, and no other model is looked at")
    add(change, to=seen)
    warehouse.land(change)
    warehouse.build_made_of(change, dbt_vars)
    assert differences(warehouse, warehouse.copy_rebuilt(tmp_path / "rebuilt", dbt_vars)) == {}, story
    results = warehouse.build_incremental(dbt_vars)
    changed = [result.node.name for result in results if result.message != "UNCHANGED"]
    assert not {name for name in changed if name in warehouse.models()}, "what is built twice in a row must not change"


@pytest.mark.parametrize("seed", range(EPISODES))
def test_a_random_history_agrees_with_the_second_computation(
    seed: int, dbt: Dbt, extracts: Batch, tmp_path: Path
) -> None:
    """Every KPI, after changes of all kinds, one load each."""
    random = Random(seed)
    warehouse = Warehouse.empty(tmp_path / "history" / "warehouse.duckdb", dbt)
    seen: Batch = {table: list(rows) for table, rows in extracts.items() if rows}
    warehouse.land(seen)
    story = []
    for _ in range(150):
        name, change = random_change(random, seen)
        story.append(name)
        add(change, to=seen)
        warehouse.land(change)
    as_of = newest_event(seen) + DAY
    warehouse.build({"as_of": as_of.isoformat()})
    write_extracts(seen, tmp_path / "extracts")
    read = read_extracts(tmp_path / "extracts")
    assert read.refused == [], "a history is made of what lands"
    differing = differing_kpi_values(warehouse.query, read, as_of.replace(tzinfo=UTC))
    kpis = {kpi for kpi, *_ in differing}
    assert not differing, (len(differing), kpis, list(differing.items())[:8], story)
