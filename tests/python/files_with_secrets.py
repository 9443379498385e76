"""Files that are wrong in every way in which extracts are, with known secrets in their headers and cells."""

import gzip
import json
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import duckdb

from pipelines.landing.declarations import Declarations, Table

SECRETS = re.compile(rb"Quackenbush\d|0170555\d{4}|zq\d+@leak|leak\.example")


class Secrets:
    """Names, phone numbers and e-mail addresses of persons, each of which is only once."""

    def __init__(self) -> None:
        """Begin with the first one."""
        self._numbers = count(1)

    def one(self) -> str:
        """The next secret."""
        number = next(self._numbers)
        return (f"Zoe Quackenbush{number}", f"0170555{number % 10_000:04d}", f"zq{number}@leak.example")[number % 3]

    def row(self, cells: int) -> list[str]:
        """As many secrets."""
        return [self.one() for _ in range(cells)]


def _csv(*rows: list[str], between: str = ",") -> bytes:
    return "".join(between.join(row) + "\n" for row in rows).encode()


def files_of(table: Table, secrets: Secrets) -> Iterator[tuple[str, bytes]]:
    """Give files of a table, each with the end of its name, that are refused, or of which rows are rejected."""
    names = [column.name for column in table.columns]
    yield "no_header.csv", _csv(secrets.row(len(names)), secrets.row(len(names)))
    yield "no_header.tsv", _csv(secrets.row(len(names)), between="\t")
    yield "commas.tsv", _csv(secrets.row(len(names)))
    yield "semicolons.csv", _csv(secrets.row(len(names)), between=";")
    yield "twice.csv", _csv([*names, *[secrets.one()] * 2])
    yield "not_declared.csv", _csv([*names, secrets.one()], secrets.row(len(names) + 1))
    yield "half.csv", _csv(names, secrets.row(len(names)), secrets.row(len(names)))[:-3]
    yield "quotes.csv", _csv([*names, f'"{secrets.one()}'])
    yield "other_quotes.csv", _csv(names, [f'"{cell}' for cell in secrets.row(len(names))])
    yield "too_many.csv", _csv(names, secrets.row(len(names) + 3))
    yield "no_utf8.csv", _csv([*names, secrets.one()]).replace(b"\n", b"\xff\n")
    yield "no_gzip.csv.gz", _csv(secrets.row(len(names)))
    yield "cut.csv.gz", gzip.compress(_csv(names, secrets.row(len(names))))[:-6]
    yield "no_parquet.parquet", b"PAR1" + _csv(secrets.row(len(names))) * 40
    yield "keys.jsonl", (json.dumps(dict.fromkeys(secrets.row(3), "x")) + "\n").encode()
    yield "cells.jsonl", (json.dumps({name: secrets.one() for name in names}) + "\n").encode()
    yield "keys.json", json.dumps([{secrets.one(): secrets.one()}]).encode()
    yield "malformed.json", f'[{{"{names[0]}": "{secrets.one()}" "{secrets.one()}"}}]'.encode()
    yield "no_array.json", secrets.one().encode()
    for word in table.forbidden_columns:
        yield f"forbidden_{word}.csv", _csv([*names, f"{word} {secrets.one()}"])


def write_parquet(file: Path, table: Table, secrets: Secrets) -> None:
    """Write a Parquet file whose first column has another type, and a column with a secret for its name."""
    name, secret, hidden = table.columns[0].name, secrets.one(), secrets.one()
    duckdb.sql(f"copy (select ['{secret}'] as {name}, 1 as \"{hidden}\") to '{file}' (format parquet)")


def write_bad_files(folder: Path, declarations: Declarations) -> int:
    """Write bad files of every table into a landing folder; return how many."""
    secrets = Secrets()
    for table in declarations.tables:
        of_table = folder / table.source / table.name
        of_table.mkdir(parents=True)
        for name, content in files_of(table, secrets):
            (of_table / name).write_bytes(content)
        write_parquet(of_table / "other_types.parquet", table, secrets)
    return sum(1 for file in folder.rglob("*") if file.is_file())


def write_bad_rows(folder: Path, declarations: Declarations) -> None:
    """Write a file of every table that lands, all of whose rows are rejected."""
    secrets = Secrets()
    for table in declarations.tables:
        names = [column.name for column in table.columns]
        of_table = folder / table.source
        of_table.mkdir(parents=True, exist_ok=True)
        kind = of_table / table.name
        kind.mkdir(exist_ok=True)
        (kind / "bad_rows.csv").write_bytes(_csv([*names, secrets.one()], *(secrets.row(len(names)) for _ in range(3))))
