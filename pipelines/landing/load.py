"""A file's records into the warehouse: the good rows into the raw table, the bad ones into the rejects."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from pipelines.landing.declarations import Table
from pipelines.landing.door import Door
from pipelines.landing.fingerprint import CONTROL, INVALID_BYTE
from pipelines.landing.raw import RawRows, number_of
from pipelines.landing.records import RECORDS, Records
from pipelines.landing.rules import rules, typed_rows
from pipelines.landing.values import untidy, untidy_texts
from pipelines.warehouse.sql import identifier, literal

MAX_REASONS = 5  # of a row that breaks many rules

# If a half-written line is a legal row, nothing can tell (LND-5).
HALF_WRITTEN = "; the file ends in this line without a line end, so it looks half-written"


@contextmanager
def each_value_computed_once(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Set the engine up for landing, and back after it.

    Filters are not pushed down: the conditions on typed values would be rewritten to conditions on the text, and
    every cast be done once for each rule (four times slower). Lines must keep their order to have their numbers. No
    file is read through what the engine remembers of another with its path, size and second of writing.
    """
    settings = {
        "disabled_optimizers": "filter_pushdown",
        "preserve_insertion_order": True,
        "enable_external_file_cache": False,
    }
    before = {name: _setting(connection, name) for name in settings}
    try:
        for name, value in settings.items():
            connection.execute(f"set {name} = $value", {"value": value})
        yield
    finally:
        for name, value in before.items():
            connection.execute(f"set {name} = $value", {"value": value})


def _setting(connection: duckdb.DuckDBPyConnection, name: str) -> object:
    row = connection.execute("select current_setting($name)", {"name": name}).fetchone()
    return row[0] if row else None


def load_rows(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    door: Door,
    records: Records,
    *,
    into: RawRows,
    load_id: int,
    path: str,
    instance: str | None = None,
) -> tuple[int, int]:
    """Insert a file's records within the caller's transaction; return how many were loaded and rejected.

    The rows are judged by the rules of their table and the door of their source.
    """
    if records.texts is not None:
        is_untidy = untidy_texts(records.texts, door)
    else:
        is_untidy = "true" if records.between is None else untidy(records.between, door)
    (lines, has_untidy) = connection.execute(
        f"select count(*), coalesce(bool_or({is_untidy}), false) from ({records.records})", records.parameters
    ).fetchone() or (0, False)
    parameters = {**records.parameters, "load_id": load_id}
    typed = typed_rows(table, records.types, door, records.values, is_tidy=not has_untidy)
    stated = rules(table, records.types, door)
    is_bad = "\nor ".join(["_fault is not null", *(rule.is_broken for rule in stated)])
    names = ", ".join(identifier(column.name) for column in table.landed_columns)
    loaded = into.insert(
        connection,
        f"""
        with {RECORDS} as not materialized ({records.records})
        select {names}, $load_id as _load_id, _line, {literal(instance) if instance else "null"} as _instance
        from ({typed}) where not ({is_bad})
        """,
        parameters,
        load_id,
    )
    if loaded == lines:
        return loaded, 0
    not_loaded = f"""
        select * from ({records.records})
        where _line not in (select _line from {into.rows_of(load_id)})
    """
    reasons = ",\n".join(
        f"case when {rule.is_broken} then "
        f"{{'column': {literal(rule.column)}, 'reason': {rule.reason}, 'rule': {rule.kind}}} end"
        for rule in stated
    )
    # Only a rule tells nothing of what the row holds. One of another table may hold what that table may not keep.
    raw, told = ("_raw", "reason") if table.keeps_rejected else ("null", "rule")
    if table.mistakes:
        raw = f"case when _fault in ({', '.join(map(literal, table.mistakes.values()))}) then null else {raw} end"
    half_written = f"case when _line = $half_written_line then {literal(HALF_WRITTEN)} else '' end"
    rejected = number_of(
        connection,
        f"""
        insert into ops.rejected_rows (load_id, path, line, raw_line, "column", reason, rule)
        with {RECORDS} as not materialized ({not_loaded})
        select
            $load_id,
            $file,
            _line,
            replace(replace(_raw, {literal(INVALID_BYTE)}, chr(65533)), {literal(CONTROL)}, chr(65533)),
            reasons[1]['column'],
            array_to_string(list_transform(reasons[:{MAX_REASONS}], lambda given: given['{told}']), '; ')
            || {half_written},
            reasons[1]['rule'] || {half_written}
        from (
            select
                _line,
                {raw} as _raw,
                case
                    when _fault is not null then [{{'column': null::VARCHAR, 'reason': _fault, 'rule': _fault}}]
                    else list_filter([{reasons}], lambda given: given is not null)
                end as reasons
            from ({typed})
        )
        """,
        {**parameters, "file": path, "half_written_line": records.half_written_line or 0},
    )
    if loaded + rejected != lines:
        raise AssertionError(f"{path}: {lines} records, but {loaded} were loaded and {rejected} rejected")
    return loaded, rejected
