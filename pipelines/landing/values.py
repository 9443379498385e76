"""How a value of an extract becomes a typed one: SQL, evaluated by DuckDB for whole columns at a time.

DuckDB's own casts are too kind for this ('1.5' becomes the integer 2, ' 5' the integer 5) and ignore the offset of a
timestamp, so each text type has a macro that says exactly what it takes and gives null for everything else.
"""

import duckdb

from pipelines.landing.declarations import Column, DataType
from pipelines.warehouse.sql import literal

SQL_TYPES: dict[DataType, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DECIMAL(18, 6)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}

UTC_NAMES = ("UTC", "Etc/UTC")

_INTEGERS = frozenset(f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG", "HUGE")) | {
    "INTEGER",
    "UINTEGER",
}
_FLOATS = frozenset(("DOUBLE", "FLOAT"))
_NUMBERS = _INTEGERS | _FLOATS | {"DECIMAL"}
_TEXTS = frozenset(("VARCHAR", "JSON"))
_WALL_CLOCKS = frozenset(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"))
_INSTANTS = frozenset(("TIMESTAMP WITH TIME ZONE",))

_FITTING: dict[DataType, frozenset[str]] = {
    "text": _TEXTS | _INTEGERS | {"ENUM", "UUID"},
    "integer": _TEXTS | _NUMBERS,
    "number": _TEXTS | _NUMBERS,
    "boolean": _TEXTS | _INTEGERS | {"BOOLEAN"},
    "date": _TEXTS | _WALL_CLOCKS | {"DATE"},
    "timestamp": _TEXTS | _WALL_CLOCKS | _INSTANTS,
}

_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_SECONDS = r":[0-9]{2}(?:\.[0-9]{1,6})?"
_LOCAL = f"{_DATE}[T ][0-9]{{2}}:[0-9]{{2}}(?:{_SECONDS})?"
_LOCAL_TO_SECONDS = f"{_DATE}[T ][0-9]{{2}}:[0-9]{{2}}{_SECONDS}"
_OFFSET = "(?:[Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)"

# Years run from 0001 to 9999, as in every tool that reads the tables later; the text comparisons see to it.
_MACROS = (
    "landing_integer(v) as case when regexp_full_match(v, '[+-]?[0-9]+') then try_cast(v as BIGINT) end",
    # A JSON writer has one type for numbers: 45.0 is the integer 45
    r"landing_json_integer(v) as landing_integer(regexp_replace(v, '^([+-]?[0-9]+)\.0+$', '\1'))",
    r"""
    landing_number(v) as case
        when regexp_full_match(v, '[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?')
            then try_cast(v as DECIMAL(18, 6))
    end
    """,
    """
    landing_boolean(v) as case
        when lower(v) in ('true', '1', 'yes') then true
        when lower(v) in ('false', '0', 'no') then false
    end
    """,
    f"landing_date(v) as case when v >= '0001' and regexp_full_match(v, '{_DATE}') then try_cast(v as DATE) end",
    f"""
    landing_wall_clock(v) as case
        when v >= '0001' and regexp_full_match(v, '{_LOCAL}') then try_cast(v as TIMESTAMP)
    end
    """,
    "landing_utc(v) as make_timestamp(epoch_us(try_cast(v as TIMESTAMPTZ)))",
    f"""
    landing_exact(v) as case
        when v >= '0001' and regexp_full_match(v, '{_LOCAL_TO_SECONDS}Z') then try_cast(v as TIMESTAMP)
        when v < '0001-01-02' or v >= '9999-12-31' then null
        when regexp_full_match(v, '{_LOCAL_TO_SECONDS}{_OFFSET}') then landing_utc(upper(v))
        when regexp_full_match(v, '{_LOCAL}{_OFFSET}') then landing_utc(upper(v[1:16] || ':00' || v[17:]))
    end
    """,
    """
    landing_timestamp_utc(v) as case
        when ends_with(v, 'Z') then landing_exact(v)
        else coalesce(landing_wall_clock(v), landing_exact(v))
    end
    """,
    # The instant of a wall clock in a zone. The engine itself takes one of the two readings of an ambiguous time, and
    # shifts one that the clocks skipped. So the offsets of the day before and of the day after are tried, and an
    # instant counts if its wall clock is the one that was given; the earlier one wins. Where both offsets are the same
    # no clock was changed between. (A lambda over a list of one gives a value a name, so that it is computed once.)
    """
    landing_instant(wall, zone) as list_transform(
        [{
            'wall': wall,
            'before': make_timestamp(epoch_us(timezone(zone, wall - interval 24 hours)) + 86400000000),
            'after': make_timestamp(epoch_us(timezone(zone, wall + interval 24 hours)) - 86400000000)
        }],
        lambda near: case
            when near.before = near.after then near.before
            else least(
                case when timezone(zone, timezone('UTC', near.before)) = near.wall then near.before end,
                case when timezone(zone, timezone('UTC', near.after)) = near.wall then near.after end
            )
        end
    )[1]
    """,
    """
    landing_timestamp(v, zone) as list_transform(
        [landing_wall_clock(v)],
        lambda wall: case when wall is not null then landing_instant(wall, zone) else landing_exact(v) end
    )[1]
    """,
)


def create_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the macros that this module's SQL uses, for this connection only."""
    for macro in _MACROS:
        connection.execute(f"create or replace temp macro {macro}")


def fits(data_type: DataType, found: str) -> bool:
    """Tell whether a column of the found type, such as `DECIMAL(10,2)`, can hold values of a declared one."""
    return _base(found) in _FITTING[data_type]


def typed(column: Column, given: str, found: str, zone: str) -> str:
    """Return SQL for a column's typed value, null where it can't be cast.

    `given` is SQL for the value as the file has it and `found` its type there, which must fit. Timestamps become
    UTC; without an offset they are wall clock in `zone`: an ambiguous one is the earlier instant, one that the
    clocks skipped is null.
    """
    kind = _base(found)
    if kind in _TEXTS:
        return _typed_text(column.data_type, given, kind, zone)
    if column.data_type == "timestamp":
        return _typed_timestamp(given, kind, zone)
    if column.data_type == "boolean" and kind != "BOOLEAN":
        return f"landing_boolean({given}::VARCHAR)"
    cast = f"try_cast({given} as {SQL_TYPES[column.data_type]})"
    if column.data_type == "integer" and kind not in _INTEGERS:
        return f"case when {given} = floor({given}) then {cast} end"
    if column.data_type == "date" and kind != "DATE":
        return f"case when {given} = date_trunc('day', {given}) then {cast} end"
    return cast


def _typed_text(data_type: DataType, given: str, kind: str, zone: str) -> str:
    if data_type == "text":
        return given
    if data_type == "integer" and kind == "JSON":
        return f"landing_json_integer({given})"
    if data_type == "timestamp" and zone in UTC_NAMES:
        return f"landing_timestamp_utc({given})"
    if data_type == "timestamp":
        return f"landing_timestamp({given}, {literal(zone)})"
    return f"landing_{data_type}({given})"


def _typed_timestamp(given: str, kind: str, zone: str) -> str:
    if kind in _INSTANTS:
        return f"timezone('UTC', {given})"
    wall_clock = f"{given}::TIMESTAMP"
    return wall_clock if zone in UTC_NAMES else f"landing_instant({wall_clock}, {literal(zone)})"


def why_not(column: Column, shown: str, given: str, found: str, zone: str) -> str:
    """Return SQL for the sentence that says why a value of a column can't be cast; `shown` is SQL for the value."""
    skipped = f"{shown} || {literal(f' does not exist in {zone}: the clocks were put forward over it')}"
    if column.data_type == "timestamp":
        iso = f"{shown} || ' is no ISO 8601 timestamp such as 2026-03-29T14:05:00Z'"
        if _base(found) in _TEXTS:
            return f"case when landing_wall_clock({given}) is not null then {skipped} else {iso} end"
        return skipped
    what = {
        "text": "is no text",
        "integer": "is no integer (of at most 64 bits)",
        "number": "is no decimal number (of at most 12 digits before the point)",
        "boolean": "is none of true, false, 1, 0, yes, no",
        "date": "is no ISO 8601 date such as 2026-03-29",
    }[column.data_type]
    return f"{shown} || {literal(f' {what}')}"


def _base(found: str) -> str:
    """Return a type's name without its parameters; lists and structs keep them, and fit nothing."""
    return found if found.endswith("]") else found.split("(", 1)[0]
