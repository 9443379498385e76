"""The extracts as the dbt sources YAML declares them: the one place that says their columns and rules.

Plain YAML is read, dbt is not needed. What landing has to know besides dbt stands under `config.meta` of a
source, a table or a column; what is not known here is an error, so that a slip of the pen can't switch a rule
off.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from datetime import date
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.errors import UsageError

SOURCES_PATTERN = "models/staging/*/_*__sources.yml"
SEEDS = "seeds/settings"

# How a system of a kind is named where there are several, as in `acd@berlin`.
INSTANCE = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"

DataType = Literal["text", "integer", "number", "boolean", "date", "timestamp"]

NULLS = ("NULL", "null", r"\N", "N/A", "n/a", "None", "NaN", "nan", "NaT")
OPEN_ENDS = ("9999-12-31",)
THIRTY_DAYS = 30 * 24 * 60 * 60

EPOCHS = ("epoch_seconds", "epoch_milliseconds")
EPOCH_OR_ISO = "epoch_seconds_or_iso"
_FORMATS: dict[DataType, tuple[str, ...]] = {
    "text": ("time_zone",),
    "integer": ("hms",),
    "date": ("strptime's, such as %d.%m.%Y",),
    "timestamp": (*EPOCHS, EPOCH_OR_ISO, "strptime's, such as %d.%m.%Y %H:%M"),
}
_RULES: dict[str, tuple[DataType, ...]] = {
    "values": ("text",),
    "pattern": ("text",),
    "max_characters": ("text",),
    "words_of": ("text",),
    "own_id": ("text",),
    "not_personal": ("text",),
    "whole": ("text",),
    "json_value": ("text",),
    "min": ("integer", "number"),
    "max": ("integer", "number"),
    "greater_than": ("integer", "number"),
    "is_end": ("date", "timestamp"),
    "any_time": ("date", "timestamp"),
}


class _Declaration(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Model = TypeVar("Model", bound=_Declaration)


class Column(_Declaration):
    """A column of an extract and what its values must be like."""

    name: str
    data_type: DataType
    required: bool = False
    values: list[str] | None = Field(default=None, min_length=1)
    min: int | float | None = None
    max: int | float | None = None
    greater_than: int | float | None = None
    pattern: str | None = None
    max_characters: Annotated[int, Field(gt=0)] | None = None
    words_of: str | None = None
    """A seed of settings with a column of this name: its words are taken in any case; others are taken as they are."""
    words: list[str] = Field(default_factory=list)
    """The words of that seed, once it is read."""
    format: str | None = None
    """How the values are written: `time_zone` (text), `hms` (integer), strptime's or an epoch (date, timestamp)."""
    is_end: bool = False
    """Whether the source's `open_ends` stand for "still open" here."""
    any_time: bool = False
    """Whether an event may lie outside the calendar and ahead, since no day counts it."""
    personal: bool = False
    is_optional_in_key: bool = False
    """Whether a record may lack this part of its key: an empty one is a value like others."""
    own_id: bool = False
    """Whether each system of the kind hands out these ids itself, so that those of two may be alike."""
    path: str | None = Field(default=None, pattern=r"^\$[.\[]")
    """Where the value stands in a JSON document, such as `$.Queue.ARN`; by default at the column's name."""
    json_value: bool = False
    """Whether the value at the path is an object or an array, which is kept as JSON."""
    keys: list[str] = Field(default_factory=list)
    """Of the objects in the array at the path, the keys that are kept; all of them by default."""
    whole: bool = False
    """Whether the value is the JSON document itself, as it came."""
    not_personal: str | None = Field(default=None, min_length=1)
    """Why values that look like phone numbers, e-mail addresses or card numbers are nobody's personal data here."""

    @model_validator(mode="after")
    def _format_fits_the_type(self) -> Self:
        if self.format is None:
            return self
        known = _FORMATS.get(self.data_type, ())
        if self.format not in known and not (self.data_type in ("date", "timestamp") and "%" in self.format):
            takes = f"takes {', '.join(known)}" if known else "takes none"
            raise ValueError(f"format {self.format!r} is unknown: a column of type {self.data_type} {takes}")
        return self

    @model_validator(mode="after")
    def _keys_are_of_json(self) -> Self:
        if self.keys and not self.json_value:
            raise ValueError("keys are for a column with json_value")
        return self

    @model_validator(mode="after")
    def _rules_fit_the_type(self) -> Self:
        for rule, types in _RULES.items():
            given = getattr(self, rule)
            if self.data_type not in types and given is not None and given is not False:
                raise ValueError(f"{rule} is for {' and '.join(types)} columns, this one is {self.data_type}")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        if self.pattern is not None:
            try:
                re.compile(self.pattern)
            except re.error as error:
                raise ValueError(f"pattern {self.pattern!r} is no regular expression: {error}") from None
        return self


IS_DELETED = Column(name="is_deleted", data_type="boolean")


class Identified(_Declaration):
    """What says who the customer of a row is: one of `columns`, in rows where the SQL `where` holds."""

    columns: list[str] = Field(min_length=1)
    where: str = "true"


class Lines(_Declaration):
    """How the lines of a log without a header are taken apart, and what landing adds to each."""

    separator: str = Field(min_length=1, max_length=1)
    columns: list[str] = Field(min_length=1)
    """The columns of a line in order, "" where nothing reads it; a line may lack the last that are not required."""
    other_columns: list[list[str]] = Field(default_factory=list)
    """Other orders in which systems write them: a file has that in which most of its first lines make sense."""
    is_csv: bool = False
    """Whether values may stand in quotes. If not, the last column takes the rest of the line."""
    number: str | None = None
    """The column for the number of the line in its file, which says what came first within a second."""
    content: str | None = None
    """The column for a number made of the line's values: the same line twice is one record."""

    @model_validator(mode="after")
    def _csv_has_commas(self) -> Self:
        if self.is_csv and self.separator != ",":
            raise ValueError("lines: the separator of CSV is a comma")
        if self.other_columns and not self.is_csv:
            raise ValueError("lines: other_columns are of CSV")
        return self

    @property
    def orders(self) -> list[list[str]]:
        """All orders in which a line may have its columns."""
        return [self.columns, *self.other_columns]


class Table(_Declaration):
    """An extract: its columns, its key and how a vendor names its files and columns."""

    source: str
    name: str
    key: list[str] = Field(min_length=1)
    events: list[str] = Field(default_factory=list)
    expects: Literal["daily"] | None = None
    """How often rows come: those of every day, by the first of `events`. None: nobody knows."""
    identified_by: Identified | None = None
    not_before: dict[str, list[str]] = Field(default_factory=dict)
    """Column: columns that it may not precede, or be less than."""
    durations: dict[str, dict[str, list[str]]] = Field(default_factory=dict)
    """End: start: columns of seconds that the time between both holds."""
    required_when: dict[str, str] = Field(default_factory=dict)
    """Column: SQL over the row's columns that says where it is required."""
    forbidden_columns: list[str] = Field(default_factory=list)
    files: list[str] = Field(default_factory=list)
    format: Literal["json"] | None = None
    """How the vendor writes its files, whatever their extension: `json` for JSON documents with objects inside."""
    records: str | None = Field(default=None, pattern=r"^\$[.\[]")
    """Where a JSON document that is a page has its records, such as `$.conversations`."""
    mistaken_for: dict[str, str] = Field(default_factory=dict)
    """Path in a JSON document without its key: what the document is then, and where it belongs. It is not kept."""
    rename: dict[str, str] = Field(default_factory=dict)
    lines: Lines | None = None
    """How the lines of files are read whose names end in no known extension."""
    also: dict[str, str] = Field(default_factory=dict)
    """Header: column, as other exports of the same table have it: a file that lacks it is no news."""
    also_called: list[str] = Field(default_factory=list)
    """Other names of the table, as files and folders may have them."""
    versions_by: list[str] = Field(default_factory=list)
    """What tells a record's later version from an earlier one, in this order; without it `updated_at` does."""
    lasts: list[str] | None = Field(default=None, min_length=2, max_length=2)
    """The columns from when to when a record lasts: one that lasts no time is no version of anything."""
    refers_to_instance: str | None = Field(default=None, pattern=INSTANCE)
    keeps_rejected: bool = True
    """Whether a rejected row is kept as it came. If not, only where it stands and which rules it broke."""
    columns: list[Column] = Field(min_length=1)

    @property
    def raw_name(self) -> str:
        """Name of the table in schema raw."""
        return f"{self.source}__{self.name}"

    @property
    def renamed(self) -> dict[str, str]:
        """Header: column, of all headers that go by another name."""
        return {**self.also, **self.rename}

    @property
    def landed_columns(self) -> list[Column]:
        """The declared columns and `is_deleted`, which every table takes."""
        return [*self.columns, IS_DELETED]

    @property
    def mistakes(self) -> dict[str, str]:
        """Path: the fault of a document without its key that has it."""
        return {path: f"the record {what}" for path, what in self.mistaken_for.items()}

    @property
    def filled_columns(self) -> tuple[str, ...]:
        """The columns that no file has: landing fills them."""
        return tuple(filter(None, (self.lines.number, self.lines.content))) if self.lines else ()

    def fewest_values(self, order: Sequence[str]) -> int:
        """How many values a line of a log has at least: up to the last required column."""
        required = {column.name for column in self.columns if column.required}
        return max((position for position, name in enumerate(order, 1) if name in required), default=1)

    @model_validator(mode="after")
    def _rules_name_columns(self) -> Self:
        columns = {column.name: column for column in self.columns}
        if len(columns) < len(self.columns):
            raise ValueError("a column is declared twice")
        for name in columns:
            if name == IS_DELETED.name or name.startswith("_"):
                raise ValueError(f"column {name}: is_deleted and names that begin with _ are landing's own")
        for name in self.key:
            if name not in columns:
                raise ValueError(f"key: there is no column {name}")
            if not columns[name].required and not columns[name].is_optional_in_key:
                raise ValueError(f"key: column {name} must be required, or records could have no key")
        for rule, names in (
            ("rename", self.rename.values()),
            ("also", set(self.also.values()) - {IS_DELETED.name}),
            ("versions_by", self.versions_by),
        ):
            for name in names:
                if name not in columns:
                    raise ValueError(f"{rule}: there is no column {name}")
        return self

    @model_validator(mode="after")
    def _paths_are_of_documents(self) -> Self:
        if self.format == "json":
            return self
        if self.mistaken_for:
            raise ValueError("mistaken_for is for tables of the format json")
        for column in self.columns:
            if column.path or column.whole or column.json_value:
                raise ValueError(f"column {column.name}: path, whole and json_value are for tables of the format json")
        return self

    @model_validator(mode="after")
    def _order_is_of_columns(self) -> Self:
        columns = {column.name: column for column in self.columns}
        for later, earliers in self.not_before.items():
            for name in (later, *earliers):
                if name not in columns:
                    raise ValueError(f"not_before: there is no column {name}")
                if columns[name].data_type != columns[later].data_type or columns[name].data_type == "text":
                    raise ValueError(f"not_before: {later} and {name} can't be compared")
        try:
            TopologicalSorter(self.not_before).prepare()
        except CycleError as error:
            raise ValueError(f"not_before goes in a circle: {', '.join(error.args[1])}") from None
        for name in self.required_when:
            if name not in columns:
                raise ValueError(f"required_when: there is no column {name}")
        return self

    @model_validator(mode="after")
    def _durations_lie_between_times(self) -> Self:
        types = {column.name: column.data_type for column in self.columns}
        for end, starts in self.durations.items():
            for start, seconds in starts.items():
                if start not in self.not_before.get(end, []) or types[end] != "timestamp":
                    raise ValueError(f"durations: not_before must say that the timestamp {end} may not precede {start}")
                for name in seconds:
                    if types.get(name) not in ("integer", "number"):
                        raise ValueError(f"durations: {name} is no integer or number column")
        return self

    @model_validator(mode="after")
    def _lines_are_of_columns(self) -> Self:
        types = {column.name: column.data_type for column in self.columns}
        for order in self.lines.orders if self.lines else []:
            for name in filter(None, order):
                if name not in types or order.count(name) > 1:
                    raise ValueError(f"lines: there is no column {name}, or it stands twice in an order")
        for name in self.filled_columns:
            if types.get(name) != "integer":
                raise ValueError(f"lines: {name} is no integer column")
        return self

    @model_validator(mode="after")
    def _events_have_a_time(self) -> Self:
        types = {column.name: column.data_type for column in self.columns}
        for name in self.events:
            if types.get(name) not in ("timestamp", "date"):
                raise ValueError(f"events: {name} is no timestamp or date column")
        if self.expects and types.get(next(iter(self.events), "")) != "timestamp":
            raise ValueError("expects: the first of events must be a timestamp column, which says the day of a row")
        for name in self.identified_by.columns if self.identified_by else []:
            if name not in types:
                raise ValueError(f"identified_by: there is no column {name}")
        for name in self.lasts or []:
            if types.get(name) != "timestamp":
                raise ValueError(f"lasts: {name} is no timestamp column")
        return self


class Source(_Declaration):
    """A system that extracts come from."""

    name: str
    timezone: str = "UTC"
    refers_to_instance: str | None = Field(default=None, pattern=INSTANCE)
    """The instance whose contacts the bare contact ids of this source mean; a table may say another one."""
    nulls: list[str] = Field(default_factory=lambda: list(NULLS))
    """Words that stand for nothing."""
    open_ends: list[str] = Field(default_factory=lambda: list(OPEN_ENDS))
    """Words, and dates at any time of the day, that stand for "still open" in columns that are an end."""
    clock_tolerance_seconds: Annotated[int | float, Field(ge=0)] = 2
    """Seconds by which a time may precede one that it may not precede, since clocks disagree."""
    max_seconds: Annotated[int, Field(gt=0)] = THIRTY_DAYS
    """The greatest value of a column whose name ends with _seconds, unless it has a max of its own."""
    unread: list[str] = Field(default_factory=list)
    """Patterns of what else an export of the system holds: files and folders that are left out with a notice."""
    tables: dict[str, Table]


class Line(_Declaration):
    """What the var `sources` says of a source: its extracts and, of a vendor's own format, the kinds of record."""

    extracts: list[str] = Field(min_length=1)
    records: list[str] | None = Field(default=None, min_length=1)


class Declarations(_Declaration):
    """All declared extracts, by name of the source."""

    sources: dict[str, Source]
    calendar_starts_on: date = date(1990, 1, 1)
    calendar_ends_before: date = date(2050, 1, 1)

    @property
    def tables(self) -> list[Table]:
        """Every declared table, in the order of declaration."""
        return [table for source in self.sources.values() for table in source.tables.values()]


def load_declarations(
    project_dir: Path,
    source_time_zones: Mapping[str, str] | None = None,
    dbt_vars: Mapping[str, Any] | None = None,
) -> Declarations:
    """Read every sources YAML of the project.

    `source_time_zones` (source -> IANA name) overrides the declared zone of timestamps without an offset, `dbt_vars`
    the vars of dbt_project.yml, which say what the calendar holds.

    Raises UsageError, naming file, table and column, where a declaration is malformed, where a source's time
    zone is unknown, where `source_time_zones` names a source that is not declared, or where the var `sources` in
    dbt_project.yml lists other extracts, or kinds of record that there is no model for.
    """
    files = sorted(project_dir.glob(SOURCES_PATTERN))
    if not files:
        raise UsageError(f"No extracts are declared: {project_dir} has no {SOURCES_PATTERN}. Is it the project folder?")
    sources: dict[str, Source] = {}
    for file in files:
        where = file.relative_to(project_dir).as_posix()
        for entry in _entries(_read_yaml(file, where), "sources", where):
            source = _source(entry, where, project_dir)
            if source.name in sources:
                raise UsageError(
                    f"{where}: source {source.name} is declared a second time; keep one declaration of it."
                )
            sources[source.name] = source
    for name, zone in (source_time_zones or {}).items():
        if name not in sources:
            raise UsageError(
                f"A time zone is set for source {name}, which is not declared; sources are {_list(sources)}."
            )
        sources[name] = sources[name].model_copy(update={"timezone": zone})
    for source in sources.values():
        _check_time_zone(source)
    project = project_dir / "dbt_project.yml"
    project_vars = _read_yaml(project, project.name)["vars"] if project.is_file() else {}
    if "sources" in project_vars:
        _check_lines(sources, project_dir, project_vars["sources"])
    return Declarations(sources=sources, **_calendar({**project_vars, **(dbt_vars or {})}))


def _calendar(project_vars: Mapping[str, Any]) -> dict[str, date]:
    calendar = {}
    for name in ("calendar_starts_on", "calendar_ends_before"):
        if name in project_vars:
            try:
                calendar[name] = date.fromisoformat(str(project_vars[name]))
            except ValueError:
                raise UsageError(f"{name} must be a date such as 1990-01-01; it is {project_vars[name]!r}.") from None
    return calendar


def _read_yaml(file: Path, where: str) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{where}: is no readable YAML: {' '.join(str(error).split())}") from None


def _entries(parent: Any, key: str, where: str) -> list[dict[str, Any]]:
    """Return the named entries under a key of a YAML mapping; none if the key is absent."""
    found = parent.get(key) if isinstance(parent, dict) else None
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(entry, dict) and "name" in entry for entry in found):
        raise UsageError(f"{where}: {key} must be a list of entries that each have a name.")
    return found


def _meta(entry: dict[str, Any], where: str) -> dict[str, Any]:
    if "meta" in entry:
        raise UsageError(f"{where}: meta must stand under config.")
    meta = (entry.get("config") or {}).get("meta") or {}
    if not isinstance(meta, dict):
        raise UsageError(f"{where}: config.meta must be a mapping.")
    return meta


def _source(entry: dict[str, Any], where: str, project_dir: Path) -> Source:
    name = entry["name"]
    place = f"{where}: source {name}"
    tables: dict[str, Table] = {}
    for table_entry in _entries(entry, "tables", place):
        table = _table(table_entry, name, where, project_dir)
        if table.name in tables:
            raise UsageError(f"{place}: table {table.name} is declared twice.")
        tables[table.name] = table
    return _validated(Source, {"name": name, "tables": tables, **_meta(entry, place)}, place)


def _table(entry: dict[str, Any], source: str, where: str, project_dir: Path) -> Table:
    place = f"{where}: table {entry['name']}"
    columns = []
    for column_entry in _entries(entry, "columns", place):
        column_place = f"{place}, column {column_entry['name']}"
        given = {"name": column_entry["name"], "data_type": column_entry.get("data_type")}
        column = _validated(Column, {**given, **_meta(column_entry, column_place)}, column_place)
        if column.words_of is not None:
            column = column.model_copy(update={"words": _words(column, project_dir, column_place)})
        columns.append(column)
    table = _validated(
        Table, {"source": source, "name": entry["name"], "columns": columns, **_meta(entry, place)}, place
    )
    if entry.get("identifier", table.raw_name) != table.raw_name:
        raise UsageError(f"{place}: identifier must be {table.raw_name}, where landing puts the table.")
    return table


def _words(column: Column, project_dir: Path, place: str) -> list[str]:
    """Return the words of a column of settings, as the seed spells them."""
    seed = project_dir / SEEDS / f"{column.words_of}.csv"
    if not seed.is_file():
        raise UsageError(f"{place}: words_of names {column.words_of}, but there is no {SEEDS}/{seed.name}.")
    with seed.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        if column.name not in (rows.fieldnames or ()):
            raise UsageError(f"{place}: words_of names {column.words_of}, which has no column {column.name}.")
        return list(dict.fromkeys(row[column.name] for row in rows if row[column.name]))


def _validated(model: type[Model], given: dict[str, Any], place: str) -> Model:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        about = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{place}: {f'{about}: ' if about else ''}{message}.") from None


def _check_time_zone(source: Source) -> None:
    try:
        ZoneInfo(source.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"Source {source.name} has the time zone {source.timezone!r}, which is no IANA time zone; "
            "name one such as Europe/Bucharest."
        ) from None


def _check_lines(sources: Mapping[str, Source], project_dir: Path, given: Mapping[str, Any]) -> None:
    """Hold the var `sources` of dbt's project, which the models go by, against what is declared and modelled."""
    project = project_dir / "dbt_project.yml"
    lines = {
        name: _validated(Line, line, f"{project.name}: the line of {name} in the var sources")
        for name, line in given.items()
    }
    declared = {(source.name, table) for source in sources.values() for table in source.tables}
    listed = {(name, table) for name, line in lines.items() for table in line.extracts}
    for name, table in sorted(declared - listed):
        line = f"a line such as `{name}: {{extracts: [{table}], records: [contact_legs]}}`"
        raise UsageError(
            f"models/staging/{name}/_{name}__sources.yml declares {table}, which the var sources in {project.name} "
            f"lacks; add {'it to its line' if name in lines else line}."
        )
    for name, table in sorted(listed - declared):
        raise UsageError(
            f"The var sources in {project.name} has the extract {table} of {name}, which nothing declares; "
            f"declare it in models/staging/{name}/_{name}__sources.yml, or take it out of the line."
        )
    kinds = {file.parent.name for file in project_dir.glob("models/intermediate/*/int_*__unioned.sql")}
    for name, kind in ((name, kind) for name, line in lines.items() for kind in line.records or []):
        if kind not in kinds:
            raise UsageError(
                f"The line of {name} in the var sources of {project.name} brings {kind}, which is no kind of record; "
                f"kinds are {', '.join(sorted(kinds))}."
            )
        model = f"models/intermediate/{name}/int_{name}__{kind}.sql"
        if not (project_dir / model).is_file():
            raise UsageError(
                f"The line of {name} in the var sources of {project.name} brings {kind}, but {model} is missing; "
                "write it, or take the kind out of the line."
            )


def _list(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names))
