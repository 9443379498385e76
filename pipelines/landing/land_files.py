"""Landing: each extract file into its raw table exactly once, all of it or nothing."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.errors import UsageError
from pipelines.landing import ledger
from pipelines.landing.declarations import Declarations, Table
from pipelines.landing.door import Door
from pipelines.landing.find import AT, ExtractFile, UnfitEntry, find_extracts, form_of
from pipelines.landing.fingerprint import Fingerprint, Stamp, fingerprint_text, sha256_of
from pipelines.landing.landed_parquet import LandedParquet
from pipelines.landing.ledger import create_raw_tables
from pipelines.landing.load import each_value_computed_once, load_rows
from pipelines.landing.raw import RawRows, RawTable
from pipelines.landing.read_delimited import read_delimited
from pipelines.landing.read_documents import read_documents
from pipelines.landing.read_json import read_json
from pipelines.landing.read_lines import read_lines, with_line_columns
from pipelines.landing.read_parquet import read_parquet
from pipelines.landing.records import Records
from pipelines.landing.refusal import (
    RefusedFile,
    exhausted_ends_the_run,
    unfit_content_is_refused,
    unreadable_file_is_refused,
    unreadable_is_refused,
)
from pipelines.landing.report import FileResult, LandReport, Status
from pipelines.landing.spool import new_file
from pipelines.landing.try_parquet import ParquetTrial
from pipelines.landing.values import create_macros

_GZIP = b"\x1f\x8b"
_AS_CSV = "export its rows as CSV"
# How files begin that are no text, what they are called, and what to do with them.
_NO_TEXT = {
    _GZIP: ("a gzip file", "add .gz to its name, as in .csv.gz"),
    b"PAR1": ("a Parquet file", "give it the extension .parquet"),
    b"PK\x03\x04": ("a ZIP file, or one of Excel", f"unpack it, or {_AS_CSV}"),
    b"\xd0\xcf\x11\xe0": ("a file of an old Excel", _AS_CSV),
    b"%PDF": ("a PDF file", _AS_CSV),
    b"SQLite format 3\x00": ("an SQLite database", _AS_CSV),
    b"BZh": ("a bzip2 file", "unpack it, or pack it with gzip"),
    b"\xfd7zXZ": ("an xz file", "unpack it, or pack it with gzip"),
    b"7z\xbc\xaf": ("a 7z file", "unpack it, or pack it with gzip"),
    b"(\xb5/\xfd": ("a zstd file", "unpack it, or pack it with gzip"),
}
_NO_UTF_8 = (b"\xff\xfe", b"\xfe\xff")  # the marks with which UTF-16 begins


def land(
    connection: duckdb.DuckDBPyConnection,
    extracts: Path,
    declarations: Declarations,
    *,
    run_id: str,
    now: datetime,
    as_of: datetime | None = None,
    landed: Path | None = None,
    on_file: Callable[[FileResult], None] | None = None,
) -> LandReport:
    """Land every extract file under a folder that has not been landed yet, in the order of their paths.

    Each file is a transaction of its own, so the connection must not be in one. A refused file is reported and
    the others go on; `on_file` is told of each file as it is done. `now` is written down as the time of landing;
    an event may lie at most a day after it, or after `as_of` if that is later.
    With `landed` the rows go into Parquet files in that folder, which the raw tables are views of.

    Raises UsageError, before anything is landed, if the folder is missing, holds no extract or anything that
    belongs to no declared table, or if the engine can't take a declaration; RunnerError if the disk is full or
    memory exhausted.
    """
    found = find_extracts(extracts, declarations)
    notices = found.notices
    prepare(connection, declarations, landed)
    results: list[FileResult] = []
    with (
        exhausted_ends_the_run(),
        each_value_computed_once(connection),
        scratch_folder(connection) as scratch,
        ParquetTrial() as trial,
    ):
        entries: list[ExtractFile | UnfitEntry] = [*found.extracts, *found.unfit]
        for extract in sorted(entries, key=lambda entry: entry.path):
            if isinstance(extract, UnfitEntry):
                results.append(_refuse_unfit(connection, extract, run_id, now))
            else:
                door = Door.of(declarations, extract.table.source, now, as_of)
                landing = _FileLanding(connection, extract, scratch, trial, door, run_id, now, landed, notices)
                results.append(landing.land())
            if on_file:
                on_file(results[-1])
            for left_over in scratch.iterdir():
                left_over.unlink()
    if landed is not None:
        ledger.export_ledger(connection, landed)
    return LandReport(files=results, notices=notices, sources=ledger.sources_landed(connection))


def _refuse_unfit(connection: duckdb.DuckDBPyConnection, entry: UnfitEntry, run_id: str, now: datetime) -> FileResult:
    message = f"{entry.path} {entry.reason}"
    ledger.record_refused(connection, run_id=run_id, path=entry.path, reason=message, refused_at=now)
    source = entry.path.partition("/")[0].partition(AT)[0]
    return FileResult(path=entry.path, source=source, table="", status="refused", bytes=0, message=message)


@dataclass(frozen=True)
class FileReader:
    """The reading of one file; `scratch` is a folder for what has to be kept meanwhile."""

    connection: duckdb.DuckDBPyConnection
    extract: ExtractFile
    scratch: Path
    trial: ParquetTrial

    def fingerprint(self, stamp: Stamp) -> tuple[Path, str, Fingerprint | None]:
        """Return where the content is, the file's SHA-256 and, unless it is Parquet, what its text is like."""
        file, form = self.extract.file, self.extract.form
        if form == "parquet" and stamp.bytes:
            self.trial.refuse_other_forms(file)
            return file, sha256_of(file), None
        is_packed = self.extract.is_gzipped or (form_of(self.extract.path) is None and _begins_as_gzip(file))
        unpacked = new_file(self.scratch, "unpacked.txt") if is_packed else None
        has_lines = form != "json" and not self.extract.table.format
        fingerprint = fingerprint_text(file, unpack_to=unpacked, has_lines=has_lines, check_head=_refuse_no_text)
        log = self.extract.table.lines  # one that was just rotated has nothing in it yet
        may_be_empty = form == "lines" or (form == "csv" and log is not None and log.is_csv)
        if fingerprint.is_empty and not may_be_empty:
            raise RefusedFile("is empty, without even a header; deliver it again.")
        return unpacked or file, fingerprint.sha256, fingerprint

    def read(self, text: Path, fingerprint: Fingerprint | None) -> Records:
        """Return the records of the content."""
        return with_line_columns(self._read(text, fingerprint), self.extract.table)

    def _read(self, text: Path, fingerprint: Fingerprint | None) -> Records:
        connection, table, form, scratch = self.connection, self.extract.table, self.extract.form, self.scratch
        if fingerprint is None:
            self.trial.read(self.extract.file, table)
            return read_parquet(connection, self.extract.file, table)
        if form == "lines":
            return read_lines(connection, text, table, fingerprint, scratch)
        if form in ("json", "jsonl") and table.format == "json":
            return read_documents(connection, text, table, fingerprint, scratch)
        if form in ("json", "jsonl"):
            return read_json(connection, text, table, fingerprint, scratch, is_lines=form == "jsonl")
        return read_delimited(connection, text, table, fingerprint, scratch, delimiter="\t" if form == "tsv" else ",")


@dataclass(frozen=True)
class _FileLanding(FileReader):
    """The landing of one file."""

    door: Door
    run_id: str
    now: datetime
    landed: Path | None
    notices: list[str]

    def land(self) -> FileResult:
        """Land the file, skip it or refuse it."""
        size = 0
        try:
            with unreadable_file_is_refused(self.extract.file, is_all_that_is_read=True):
                stamp = Stamp.of(self.extract.file)
                size = stamp.bytes
                text, sha256, fingerprint = self.fingerprint(stamp)
            earlier = ledger.load_of(self.connection, self.extract.table, self.extract.instance, sha256)
            if earlier:
                return self._skip(size, *earlier)
            with unreadable_file_is_refused(self.extract.file), unfit_content_is_refused():
                return self._load(self.read(text, fingerprint), stamp, sha256)
        except RefusedFile as refusal:
            return self._refuse(size, str(refusal))

    def _load(self, records: Records, stamp: Stamp, sha256: str) -> FileResult:
        path, table = self.extract.path, self.extract.table
        load_id = ledger.next_load_id(self.connection)
        with no_file_of_a_failed_load(self.landed, table, load_id), transaction(self.connection):
            with unreadable_is_refused("Parquet file") if self.extract.form == "parquet" else nullcontext():
                loaded, rejected = self._load_rows(records, load_id)
            ledger.record_landed(
                self.connection,
                load_id=load_id,
                run_id=self.run_id,
                path=path,
                table=table,
                instance=self.extract.instance,
                sha256=sha256,
                size=stamp.bytes,
                loaded=loaded,
                rejected=rejected,
                landed_at=self.now,
                header=records.header,
            )
            if Stamp.of(self.extract.file) != stamp:
                raise RefusedFile("changed while it was read; deliver it complete, then run again.")
        if records.undeclared:
            columns = ", ".join(records.undeclared)
            self.notices.append(f"{path} has columns that are not declared and were kept out: {columns}.")
        if records.unmatched:
            renamed = ", ".join(f"'{name}'" for name in records.unmatched)
            self.notices.append(
                f"{path} has no column {renamed}, which the rename of {table.source}.{table.name} names: correct the "
                "name in the sources YAML, or leave it as it is if the file lacks the column."
            )
        if not loaded + rejected:
            self.notices.append(f"{path} has no rows.")
        return self._result("landed", stamp.bytes, load_id=load_id, loaded=loaded, rejected=rejected)

    def _load_rows(self, records: Records, load_id: int) -> tuple[int, int]:
        table = self.extract.table
        return load_rows(
            self.connection,
            table,
            self.door,
            records,
            into=raw_rows(self.landed, table),
            load_id=load_id,
            path=self.extract.path,
            instance=self.extract.instance,
        )

    def _skip(self, size: int, load_id: int, path: str) -> FileResult:
        message = f"{self.extract.path} was skipped: the same content was landed as load {load_id}, {path}."
        if path != self.extract.path:
            self.notices.append(message)
        return self._result("skipped", size, load_id=load_id, message=message)

    def _refuse(self, size: int, reason: str) -> FileResult:
        message = f"{self.extract.path} {reason}"
        ledger.record_refused(
            self.connection, run_id=self.run_id, path=self.extract.path, reason=message, refused_at=self.now
        )
        return self._result("refused", size, message=message)

    def _result(
        self,
        status: Status,
        size: int,
        *,
        load_id: int | None = None,
        loaded: int = 0,
        rejected: int = 0,
        message: str = "",
    ) -> FileResult:
        return FileResult(
            path=self.extract.path,
            source=self.extract.table.source,
            table=self.extract.table.name,
            status=status,
            bytes=size,
            lines=loaded + rejected,
            loaded=loaded,
            rejected=rejected,
            load_id=load_id,
            message=message,
        )


def raw_rows(landed: Path | None, table: Table) -> RawRows:
    """Return where the rows of a table go."""
    return LandedParquet(landed, table) if landed is not None else RawTable(table)


def _begins_as_gzip(file: Path) -> bool:
    """Tell whether a file is packed whose name says nothing of it, as buckets have them."""
    with file.open("rb") as content:
        return content.read(len(_GZIP)) == _GZIP


def _refuse_no_text(head: bytes) -> None:
    """Refuse what is no text by how it begins."""
    for begin, (called, remedy) in _NO_TEXT.items():
        if head.startswith(begin):
            raise RefusedFile(f"is {called}; {remedy}.")
    if head.startswith(_NO_UTF_8) or b"\x00" in head.split(b"\n", 1)[0]:
        raise RefusedFile("is no UTF-8 text (UTF-16 perhaps); save it as UTF-8.")


@contextmanager
def no_file_of_a_failed_load(landed: Path | None, table: Table, load_id: int) -> Iterator[None]:
    """Remove the file of a load that fails."""
    try:
        yield
    except BaseException:
        if landed is not None:
            LandedParquet(landed, table).remove_load(load_id)
        raise


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit what is done within, or nothing of it."""
    connection.execute("begin")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        with suppress(duckdb.TransactionException):  # the engine may have ended it already
            connection.execute("rollback")
        raise


@contextmanager
def scratch_folder(connection: duckdb.DuckDBPyConnection) -> Iterator[Path]:
    """Give a folder beside the warehouse, on its disk; what a run that died left there is removed first."""
    row = connection.execute("select path from duckdb_databases() where database_name = current_database()").fetchone()
    if not row or not row[0]:  # a warehouse in memory
        with tempfile.TemporaryDirectory(prefix="ccw-landing-") as folder:
            yield Path(folder)
        return
    scratch = Path(f"{row[0]}.landing")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def prepare(connection: duckdb.DuckDBPyConnection, declarations: Declarations, landed: Path | None) -> None:
    """Make the raw tables and what the SQL of landing uses.

    Raises UsageError if the engine can't take a declaration.
    """
    _check_engine_knows(connection, declarations)
    create_raw_tables(connection, declarations, landed)
    ledger.forget_rejected(connection, declarations)
    create_macros(connection)


def _check_engine_knows(connection: duckdb.DuckDBPyConnection, declarations: Declarations) -> None:
    """Raise UsageError if the engine lacks a declared time zone or can't read a declared pattern or format."""
    zones = {name for (name,) in connection.execute("select name from pg_timezone_names()").fetchall()}
    for source in declarations.sources.values():
        if source.timezone not in zones:
            raise UsageError(f"Source {source.name} has the time zone {source.timezone}, which DuckDB does not know.")
    for table in declarations.tables:
        for column in table.columns:
            place = f"{table.source}.{table.name}.{column.name}"
            if column.pattern is not None:
                _check_engine_reads(connection, "regexp_matches('', $given)", column.pattern, f"{place}: pattern")
            if "%" in (column.format or ""):
                _check_engine_reads(connection, "try_strptime('', $given)", str(column.format), f"{place}: format")


def _check_engine_reads(connection: duckdb.DuckDBPyConnection, reads: str, given: str, place: str) -> None:
    try:
        connection.execute(f"select {reads}", {"given": given})
    except duckdb.InvalidInputException as error:
        raise UsageError(f"{place}: DuckDB can't read {given}: {error}") from error
