"""What landed before, once more: rejected rows by the rules of now, and all files of a table after a reset."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.errors import UsageError
from pipelines.landing import ledger
from pipelines.landing.declarations import Declarations, Table
from pipelines.landing.door import Door
from pipelines.landing.find import ExtractFile, find_extracts, form_of
from pipelines.landing.fingerprint import Stamp, sha256_of
from pipelines.landing.land_files import (
    FileReader,
    no_file_of_a_failed_load,
    prepare,
    raw_rows,
    scratch_folder,
    transaction,
)
from pipelines.landing.landed_parquet import LandedParquet
from pipelines.landing.load import each_value_computed_once, load_rows
from pipelines.landing.read_delimited import read_lines_again
from pipelines.landing.read_documents import read_documents_again
from pipelines.landing.read_json import read_objects_again
from pipelines.landing.read_lines import read_log_again, with_line_columns
from pipelines.landing.records import Records
from pipelines.landing.refusal import (
    RefusedFile,
    exhausted_ends_the_run,
    unfit_content_is_refused,
    unreadable_file_is_refused,
)
from pipelines.landing.report import FileResult, LandReport
from pipelines.landing.try_parquet import ParquetTrial

_RETRIED = f"""
    select line as _line, raw_line as _raw from ops.rejected_rows where load_id = $retried_load and {ledger.RETRIED}
"""

_NOT_KEPT = (
    "What the rejected rows of {path} hold is not kept, so they are retried from the file as it landed. {remedy}, or "
    "take {extract} back with --reset and land it again."
)


class _NotReadAgain(Exception):
    """Rejected rows can't be read from their file; the message says what to do first."""


@dataclass(frozen=True)
class _Files:
    """The extract files that lie in a folder, if one is named."""

    connection: duckdb.DuckDBPyConnection
    extracts: list[ExtractFile] | None
    scratch: Path
    trial: ParquetTrial

    def records_again(self, table: Table, rejected: ledger.RejectedLoad) -> Records:
        """Read the rejected rows from the file that they came with.

        Raises _NotReadAgain if it is not there as it was, or if its rows are not those that were rejected.
        """
        extract = self._extract_of(table, rejected)
        for left_over in self.scratch.iterdir():
            left_over.unlink()
        reader = FileReader(self.connection, extract, self.scratch, self.trial)
        with unreadable_file_is_refused(extract.file, is_all_that_is_read=True), unfit_content_is_refused():
            text, sha256, fingerprint = reader.fingerprint(Stamp.of(extract.file))
            if sha256 != rejected.sha256:
                raise RefusedFile("changed while it was read; deliver it complete, then run again.")
            records = reader.read(text, fingerprint)
            again = replace(
                records,
                records=f"select * from ({records.records}) where _line in (select _line from ({_RETRIED}))",
                parameters={**records.parameters, "retried_load": rejected.load_id},
            )
            counts = [self._count(records), self._count(again)]
        if counts != [rejected.rows, rejected.retriable]:
            raise _NotReadAgain("This version counts its rows otherwise: retry them with the one that landed it")
        return again

    def _extract_of(self, table: Table, rejected: ledger.RejectedLoad) -> ExtractFile:
        """Return the file of a load, which may have been moved since."""
        if self.extracts is None:
            raise _NotReadAgain("Name its folder with --extracts")
        extracts = [each for each in self.extracts if each.table is table and each.instance == rejected.instance]
        at_its_path = [each for each in extracts if each.path == rejected.path]
        for extract in (*at_its_path, *extracts):
            if _is_as_landed(extract.file, rejected):
                return extract
        if at_its_path:
            raise _NotReadAgain("It has changed since: put it into the folder of --extracts as it was")
        raise _NotReadAgain("It is not in the folder of --extracts: put it there")

    def _count(self, records: Records) -> int:
        (count,) = self.connection.execute(
            f"select count(*) from ({records.records})", records.parameters
        ).fetchone() or (0,)
        return int(count)


def _is_as_landed(file: Path, rejected: ledger.RejectedLoad) -> bool:
    try:
        return file.stat().st_size == rejected.bytes and sha256_of(file) == rejected.sha256
    except (OSError, RefusedFile):
        return False


def retry_rejected(
    connection: duckdb.DuckDBPyConnection,
    declarations: Declarations,
    *,
    run_id: str,
    now: datetime,
    as_of: datetime | None = None,
    landed: Path | None = None,
    extracts: Path | None = None,
) -> LandReport:
    """Land the rejected rows that the rules of now let in; `now` is written down as the time of landing.

    An event may lie at most a day after `now`, or after `as_of` if that is later.

    They become a load of their own, under the path that they came with, and leave the rejects. What is rejected again
    stays with the load that it came with, by the reasons of now. Rows that are not kept are read from their file, where
    the folder `extracts` has it as it was.

    Raises UsageError as `land` does, before anything is retried, and RunnerError if the disk is full or memory
    exhausted.
    """
    found = find_extracts(extracts, declarations).extracts if extracts is not None else None
    prepare(connection, declarations, landed)
    results: list[FileResult] = []
    notices: list[str] = []
    with (
        exhausted_ends_the_run(),
        each_value_computed_once(connection),
        scratch_folder(connection) as scratch,
        ParquetTrial() as trial,
    ):
        files = _Files(connection, found, scratch, trial)
        for table in declarations.tables:
            for rejected in ledger.rejected_loads(connection, table):
                if rejected.is_kept and rejected.header is None and form_of(rejected.path) in ("csv", "tsv"):
                    notices.append(
                        f"{rejected.path} landed before headers were recorded, so its rejected rows can't be retried: "
                        f"take {table.source}.{table.name} back with --reset and land it again."
                    )
                    continue
                door = Door.of(declarations, table.source, now, as_of)
                try:
                    records = _records(connection, table, rejected, files)
                    results.append(
                        _retry(connection, table, door, rejected, records, run_id=run_id, now=now, landed=landed)
                    )
                except _NotReadAgain as lacking:
                    extract = f"{table.source}.{table.name}"
                    notices.append(_NOT_KEPT.format(path=rejected.path, remedy=lacking, extract=extract))
                except RefusedFile as refusal:
                    notices.append(f"The rejected rows of {rejected.path} can't be retried: the file {refusal}")
    if landed is not None:
        ledger.export_ledger(connection, landed)
    return LandReport(files=results, notices=notices, sources=ledger.sources_landed(connection))


def _retry(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    door: Door,
    rejected: ledger.RejectedLoad,
    records: Records,
    *,
    run_id: str,
    now: datetime,
    landed: Path | None,
) -> FileResult:
    load_id = ledger.next_load_id(connection)
    with no_file_of_a_failed_load(landed, table, load_id), transaction(connection):
        loaded, still_rejected = load_rows(
            connection,
            table,
            door,
            records,
            into=raw_rows(landed, table),
            load_id=load_id,
            path=rejected.path,
            instance=rejected.instance,
        )
        ledger.give_back_rejects(connection, load_id, rejected.load_id)
        if loaded:
            ledger.record_landed(
                connection,
                load_id=load_id,
                run_id=run_id,
                path=rejected.path,
                table=table,
                instance=rejected.instance,
                sha256=rejected.sha256,
                size=0,
                loaded=loaded,
                rejected=0,
                landed_at=now,
                header=rejected.header,
                retried_load=rejected.load_id,
            )
    if not loaded and landed is not None:
        LandedParquet(landed, table).remove_load(load_id)
    return FileResult(
        path=rejected.path,
        source=table.source,
        table=table.name,
        status="landed",
        bytes=0,
        lines=loaded + still_rejected,
        loaded=loaded,
        rejected=still_rejected,
        load_id=load_id if loaded else None,
    )


def _records(
    connection: duckdb.DuckDBPyConnection, table: Table, rejected: ledger.RejectedLoad, files: _Files
) -> Records:
    if not rejected.is_kept:
        return files.records_again(table, rejected)
    return with_line_columns(_kept_records(connection, table, rejected), table)


def _kept_records(connection: duckdb.DuckDBPyConnection, table: Table, rejected: ledger.RejectedLoad) -> Records:
    parameters: dict[str, object] = {"retried_load": rejected.load_id}
    if rejected.header is not None:
        return read_lines_again(_RETRIED, parameters, table, rejected.header)
    if table.lines is not None and form_of(rejected.path) is None:
        return read_log_again(_RETRIED, parameters, table)
    if table.format == "json":
        return read_documents_again(connection, _RETRIED, parameters, table)
    return read_objects_again(connection, _RETRIED, parameters, table)


def reset(
    connection: duckdb.DuckDBPyConnection,
    declarations: Declarations,
    extract: str,
    *,
    run_id: str,
    now: datetime,
    landed: Path | None = None,
) -> tuple[int, int]:
    """Take back all that has landed of an extract, so that its files can land again; return how many files and rows.

    `extract` is `<source>.<table>`. Raises UsageError if there is none of that name.
    """
    table = table_of(declarations, extract)
    ledger.create_ledger(connection)
    with transaction(connection):
        taken_back = ledger.take_back(connection, table, run_id=run_id, reset_at=now)
    if landed is not None:
        LandedParquet(landed, table).remove()
        ledger.export_ledger(connection, landed)
    return taken_back


def table_of(declarations: Declarations, extract: str) -> Table:
    """Return the table of an extract, `<source>.<table>`; raise UsageError if there is none of that name."""
    tables = {f"{table.source}.{table.name}": table for table in declarations.tables}
    if extract not in tables:
        raise UsageError(f"--reset must name an extract: {', '.join(sorted(tables))}; it is {extract!r}.")
    return tables[extract]
