"""How a value of an extract becomes a typed one: SQL, evaluated by DuckDB for whole columns at a time.

DuckDB's own casts are too kind for this ('1.5' becomes the integer 2, ' 5' the integer 5) and ignore the offset of a
timestamp, so each text type has a macro that says exactly what it takes and gives null for everything else.
"""

import re
from collections.abc import Sequence

import duckdb

from pipelines.landing.declarations import EPOCH_OR_ISO, EPOCHS, Column, DataType
from pipelines.landing.door import Door
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
    "boolean": _TEXTS | _NUMBERS | {"BOOLEAN"},
    "date": _TEXTS | _WALL_CLOCKS | {"DATE"},
    "timestamp": _TEXTS | _WALL_CLOCKS | _INSTANTS,
}

_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_SECONDS = r":[0-9]{2}(?:\.[0-9]{1,9})?"
_LOCAL = f"{_DATE}[T ][0-9]{{2}}:[0-9]{{2}}(?:{_SECONDS})?"
_LOCAL_TO_SECONDS = f"{_DATE}[T ][0-9]{{2}}:[0-9]{{2}}{_SECONDS}"
_OFFSET = "(?:[Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)"
_OFFSET_OR_UTC = f"(?:{_OFFSET}|[Uu][Tt][Cc])"
_HMS = "[0-9]{1,6}:[0-5][0-9]:[0-5][0-9]"
_EPOCH = r"[+-]?[0-9]{1,18}(?:\.[0-9]+)?"
_SPACES = ("' '", "chr(9)", "chr(10)", "chr(13)", "chr(160)")  # 160: the space that does not break

# The engine turns a constant pattern with one % into a comparison of that edge, the quickest way to look there.
_SPACE_AT_EDGE = tuple(literal(pattern) for pattern in ("% ", "%\t", "%\n", "%\r", "%\u00a0", "\u00a0%"))

# Casts to timestamps cut what is beyond microseconds. Years run from 0001 to 9999, as in every tool that reads the
# tables later; the text comparisons see to it.
_MACROS = (
    "landing_years(v) as case when v between '0001-01-01' and '9999-12-31 23:59:59.999999' then v end",
    r"""
    landing_integer(v) as case
        when regexp_full_match(v, '[+-]?[0-9]+') then try_cast(v as BIGINT)
        when regexp_full_match(v, '[+-]?[0-9]+\.0+') then try_cast(v as BIGINT)
    end
    """,
    f"""
    landing_hms(v) as case
        when regexp_full_match(v, '{_HMS}')
            then list_reduce(v.split(':')::BIGINT[], lambda minutes, seconds: minutes * 60 + seconds)
    end
    """,
    r"""
    landing_number(v) as case
        when regexp_full_match(v, '[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?')
            then try_cast(v as DECIMAL(18, 6))
    end
    """,
    # Of up to eleven digits: a decimal of 28 would take a hundred times as long.
    r"""
    landing_epoch(v) as case
        when regexp_full_match(v, '[0-9]{1,11}') then make_timestamp(try_cast(v as BIGINT) * 1000000)
        when regexp_full_match(v, '[0-9]{1,11}\.[0-9]+')
            then make_timestamp(
                try_cast(split_part(v, '.', 1) as BIGINT) * 1000000
                + try_cast(rpad(left(split_part(v, '.', 2), 6), 6, '0') as BIGINT)
            )
    end
    """,
    """
    landing_boolean(v) as case
        when v = 'false' then false
        when lower(v) in ('true', '1', '1.0', 'yes', 't', 'y') then true
        when lower(v) in ('false', '0', '0.0', 'no', 'f', 'n') then false
    end
    """,
    f"landing_date(v) as case when v >= '0001' and regexp_full_match(v, '{_DATE}') then try_cast(v as DATE) end",
    f"""
    landing_wall_clock(v) as case
        when v >= '9999-12-31'
            then landing_years(case when regexp_full_match(v, '{_LOCAL}') then try_cast(v as TIMESTAMP) end)
        when v >= '0001' and regexp_full_match(v, '{_LOCAL}') then try_cast(v as TIMESTAMP)
    end
    """,
    "landing_utc(v) as make_timestamp(epoch_us(try_cast(v as TIMESTAMPTZ)))",
    # ' UTC' is Z, no space stands before an offset, and seconds before it are written out
    r"""
    landing_plain(v) as regexp_replace(
        regexp_replace(replace(upper(v), 'UTC', 'Z'), ' ?(Z|[+-][0-9:]+)$', '\1'), '^(.{16})(Z|[+-].*)$', '\1:00\2'
    )
    """,
    # The first branch takes the usual form; it asks for all that the cast does not, in half the time of a pattern.
    f"""
    landing_exact(v) as case
        when
            v like '____-__-__T__:__:__Z' and v >= '0001' and v < '9999-12-31' and not contains(v, ' ')
            and not contains(v, '.') and (contains(v, 'T0') or contains(v, 'T1') or contains(v, 'T2'))
            then try_cast(v as TIMESTAMP)
        when v < '0001' then null
        when v < '0001-01-02' or v >= '9999-12-31' then case
            when regexp_full_match(v, '{_LOCAL} ?{_OFFSET_OR_UTC}') then landing_years(landing_utc(landing_plain(v)))
        end
        when regexp_full_match(v, '{_LOCAL_TO_SECONDS}Z') then try_cast(v as TIMESTAMP)
        when regexp_full_match(v, '{_LOCAL_TO_SECONDS}{_OFFSET}') then landing_utc(upper(v))
        when regexp_full_match(v, '{_LOCAL} ?{_OFFSET_OR_UTC}') then landing_utc(landing_plain(v))
    end
    """,
    """
    landing_timestamp_utc(v) as case
        when ends_with(v, 'Z') then landing_exact(v)
        else coalesce(landing_wall_clock(v), landing_exact(v))
    end
    """,
    # The instants of a wall clock in a zone: `first`, and `last` where the clocks show that time twice. The engine
    # itself takes one of the two readings of an ambiguous time, and shifts one that the clocks skipped. So the offsets
    # of the day before and of the day after are tried, and an instant counts if its wall clock is the one that was
    # given. Where both offsets are the same no clock was changed between. (A lambda over a list of one gives a value a
    # name, so that it is computed once.)
    """
    landing_readings(wall, zone) as list_transform(
        [{
            'wall': wall,
            'before': make_timestamp(epoch_us(timezone(zone, wall - interval 24 hours)) + 86400000000),
            'after': make_timestamp(epoch_us(timezone(zone, wall + interval 24 hours)) - 86400000000)
        }],
        lambda near: case
            when near.before = near.after then {'first': near.before, 'last': null::TIMESTAMP}
            else list_transform(
                [{
                    'before': case when timezone(zone, timezone('UTC', near.before)) = near.wall then near.before end,
                    'after': case when timezone(zone, timezone('UTC', near.after)) = near.wall then near.after end
                }],
                lambda valid: {
                    'first': least(valid.before, valid.after),
                    'last': case when valid.before <> valid.after then greatest(valid.before, valid.after) end
                }
            )[1]
        end
    )[1]
    """,
    "landing_instant(wall, zone) as landing_years(landing_readings(wall, zone).first)",
    """
    landing_timestamp_readings(v, zone) as list_transform(
        [landing_wall_clock(v)],
        lambda wall: case
            when wall is not null then landing_readings(wall, zone)
            else {'first': landing_exact(v), 'last': null::TIMESTAMP}
        end
    )[1]
    """,
    "landing_timestamp(v, zone) as landing_years(landing_timestamp_readings(v, zone).first)",
)


def create_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the macros that this module's SQL uses, for this connection only."""
    for macro in _MACROS:
        connection.execute(f"create or replace temp macro {macro}")


def fits(column: Column, found: str) -> bool:
    """Tell whether a column of the found type, such as `DECIMAL(10,2)`, can hold values of a declared one."""
    if column.format in (*EPOCHS, EPOCH_OR_ISO) and _base(found) in _NUMBERS:
        return True
    return _base(found) in _FITTING[column.data_type]


def trimmed(name: str, found: str) -> str:
    """Return SQL for a value as the file has it, a text without space around it."""
    if _base(found) not in _TEXTS | {"ENUM"}:
        return name
    text = f"{name}::VARCHAR" if _base(found) == "ENUM" else name
    # Few texts have any, and to look for it takes a tenth of what to trim takes.
    has_space = " or ".join([f"{text} < '!'", *(f"{text} like {pattern}" for pattern in _SPACE_AT_EDGE)])
    return f"case when {has_space} then trim({text}, {' || '.join(_SPACES)}) else {text} end"


def untidy(between: str, door: Door) -> str:
    """Return SQL that tells whether a line (`_raw`) may have a value with space around it, or a null word.

    To look over the lines once costs less than to trim and compare each value, which few files need. Most lines lack
    the letters for either, and to look for these costs less than the pattern.
    """
    edge = f'[{between}"]'
    space = "[" + (r" \n\r\x{A0}]" if between == "\t" else r" \t\n\r\x{A0}]")
    words = "|".join(re.escape(word) for word in door.nulls)
    pattern = f"(?:^|{edge})(?:{space}|(?:{words})(?:{edge}|$))|{space}(?:{edge}|$)"
    letters = {next(filter(str.isupper, word), word) for word in door.nulls}
    spaces = [space for space in _SPACES if not (between == "\t" and space == "chr(9)")]
    may_be = " or ".join(f"contains(_raw, {needle})" for needle in [*spaces, *map(literal, sorted(letters))])
    return f"case when {may_be} then regexp_matches(_raw, {literal(pattern)}) else false end"


def untidy_texts(texts: str, door: Door) -> str:
    """Return SQL that tells the same of a list of texts, given as SQL."""
    joined = f"array_to_string({texts}, '|')"
    has_space = " or ".join(f"contains({joined}, {space})" for space in _SPACES)
    at_edge = literal(r"(?:^|\|)[ \t\n\r\x{A0}]|[ \t\n\r\x{A0}](?:\||$)")
    is_spaced = f"case when {has_space} then regexp_matches({joined}, {at_edge}) else false end"
    return f"coalesce(list_has_any({texts}, [{_list(door.nulls)}]) or {is_spaced}, false)"


def taken(column: Column, name: str, found: str, door: Door, *, is_tidy: bool = False) -> str:
    """Return SQL for a trimmed value that is null where it stands for nothing, or for an end that is still to come."""
    kind = _base(found)
    conditions = []
    if kind in _FLOATS and {"NaN", "nan"} & set(door.nulls):
        conditions.append(f"isnan({name})")
    if kind in _TEXTS | {"ENUM"} and not is_tidy:
        own = {word.lower() for word in (*(column.values or ()), *column.words)}
        words = ["", *(word for word in door.nulls if word.lower() not in own)]
        longest = max(len(word.encode()) for word in words)
        conditions.append(f"strlen({name}) <= {longest} and {name} in ({_list(words)})")
    if column.is_end:
        conditions.extend(_is_open(column, name, kind, door.open_ends))
    return f"case when {' or '.join(conditions)} then null else {name} end" if conditions else name


def _is_open(column: Column, name: str, kind: str, open_ends: Sequence[str]) -> list[str]:
    days = [word for word in open_ends if re.fullmatch(_DATE, word)]
    dates = ", ".join(f"DATE {literal(day)}" for day in days)
    conditions = []
    if words := [word.lower() for word in open_ends if word not in days]:
        conditions.append(f"coalesce(lower({name}::VARCHAR) in ({_list(words)}), false)")
    if days and (column.format is not None or kind not in _TEXTS):
        at = f"timezone('UTC', {name})" if kind in _INSTANTS else name
        if _is_formatted(column, kind):
            at = _formatted(column, name, kind, "UTC")
        conditions.append(f"coalesce(try_cast({at} as DATE) in ({dates}), false)")
    elif days:
        conditions.extend(f"coalesce(starts_with({name}, {literal(day)}), false)" for day in days)
    return conditions


def typed(column: Column, given: str, found: str, zone: str) -> str:
    """Return SQL for a column's typed value, null where it can't be cast.

    `given` is SQL for the value as `taken` and `found` its type in the file, which must fit. Timestamps become UTC;
    without an offset they are wall clock in `zone`: an ambiguous one is the earlier instant, one that the clocks
    skipped is null.
    """
    kind = _base(found)
    if _is_formatted(column, kind):
        return _formatted(column, given, kind, zone)
    if kind in _TEXTS or kind == "ENUM":
        return _typed_text(column, given, zone)
    if column.data_type == "timestamp":
        return _typed_timestamp(given, kind, zone)
    if column.data_type == "boolean" and kind != "BOOLEAN":
        return f"case when {given} = 1 then true when {given} = 0 then false end"
    cast = f"try_cast({given} as {SQL_TYPES[column.data_type]})"
    if column.data_type == "date":
        cast = f"landing_years({cast}::TIMESTAMP)::DATE"
    if column.data_type == "integer" and kind not in _INTEGERS:
        cast = f"case when {given} = floor({given}) then {cast} end"
    if column.data_type == "date" and kind != "DATE":
        cast = f"case when {given} = date_trunc('day', {given}) then {cast} end"
    return cast


def readings(column: Column, given: str, found: str, zone: str) -> str | None:
    """Return SQL for both instants of a timestamp in `zone`, `first` and `last`; none where there is never a second."""
    kind = _base(found)
    if column.data_type != "timestamp" or zone in UTC_NAMES:
        return None
    if _is_formatted(column, kind):
        wall = None if _is_exact(str(column.format)) else _parsed(str(column.format), given)
    elif kind in _TEXTS:
        return f"landing_timestamp_readings({given}, {literal(zone)})"
    else:
        wall = f"landing_years({given}::TIMESTAMP)" if kind in _WALL_CLOCKS else None
    return wall and f"landing_readings({wall}, {literal(zone)})"


def _typed_text(column: Column, given: str, zone: str) -> str:
    data_type = column.data_type
    if data_type == "text":
        return _as_listed(column, given)
    if data_type == "timestamp" and zone in UTC_NAMES:
        return f"landing_timestamp_utc({given})"
    if data_type == "timestamp":
        return f"landing_timestamp({given}, {literal(zone)})"
    return f"landing_{data_type}({given})"


def _as_listed(column: Column, given: str) -> str:
    """Return SQL for a text that is spelt as a list has it, whatever its case; of a closed list, null if not in it."""
    words = column.values or column.words
    if not words:
        return given
    spelt = " ".join(f"when {literal(word.lower())} then {literal(word)}" for word in words)
    other = "" if column.values else f"else {given}"
    return f"case when {given} in ({_list(words)}) then {given} else case lower({given}) {spelt} {other} end end"


def _typed_timestamp(given: str, kind: str, zone: str) -> str:
    if kind in _INSTANTS:
        return f"landing_years(timezone('UTC', {given}))"
    wall_clock = f"landing_years({given}::TIMESTAMP)"
    return wall_clock if zone in UTC_NAMES else f"landing_instant({wall_clock}, {literal(zone)})"


def _is_formatted(column: Column, kind: str) -> bool:
    """Tell whether the values of a column are in its own format: those of another type need none."""
    takes = _TEXTS | _NUMBERS if column.format in (*EPOCHS, EPOCH_OR_ISO) else _TEXTS
    return column.format is not None and column.data_type != "text" and kind in takes


def _is_exact(form: str) -> bool:
    return form in EPOCHS or bool(re.search("%[zZ]", form.replace("%%", "")))


def _parsed(form: str, given: str) -> str:
    return f"landing_years(try_strptime({given}, {literal(form)})::TIMESTAMP)"


def _formatted(column: Column, given: str, kind: str, zone: str) -> str:
    """Return SQL for a value in the column's own format."""
    form = str(column.format)
    if form == "hms":
        return f"landing_hms({given})"
    if form == EPOCH_OR_ISO and kind in _TEXTS:
        return f"coalesce(landing_epoch({given}), {_typed_text(column, given, zone)})"
    if form in (*EPOCHS, EPOCH_OR_ISO):
        number = f"try_cast({given} as DECIMAL(28, 6))"
        if kind in _TEXTS:
            number = f"case when regexp_full_match({given}, {literal(_EPOCH)}) then {number} end"
        microseconds = f"floor({number} * {1_000 if form == 'epoch_milliseconds' else 1_000_000})"
        is_near = f"{microseconds} between -62135596800000000 and 253402300799999999"  # years 0001 to 9999
        return f"case when {is_near} then make_timestamp({microseconds}::BIGINT) end"
    if _is_exact(form) and column.data_type != "date":
        return f"landing_years(timezone('UTC', try_strptime({given}, {literal(form)})))"
    wall_clock = _parsed(form, given)
    if column.data_type == "date":
        return f"{wall_clock}::DATE"
    return wall_clock if zone in UTC_NAMES else f"landing_instant({wall_clock}, {literal(zone)})"


def why_not(column: Column, shown: str, given: str, found: str, zone: str) -> str:
    """Return SQL for the sentence that says why a value of a column can't be cast; `shown` is SQL for the value."""
    is_text = _base(found) in _TEXTS | {"ENUM"}
    own_form = " (or declare the column's format in the sources YAML)"
    if _is_formatted(column, _base(found)):
        form = str(column.format)
        if form == EPOCH_OR_ISO:
            unread = f"{shown} || ' is neither seconds since 1970 nor an ISO 8601 timestamp'"
            return _skipped(shown, f"landing_wall_clock({given}::VARCHAR)", zone, unread)
        unread = f"{shown} || {literal(f' is not in the format of the column, {form}')}"
        is_wall_clock = column.data_type == "timestamp" and not _is_exact(form)
        return _skipped(shown, _parsed(form, given), zone, unread) if is_wall_clock else unread
    if column.data_type == "timestamp":
        if not is_text:
            unread = f"{shown} || ' is not within the years 0001 to 9999'"
            wall = f"landing_years({given}::TIMESTAMP)" if _base(found) in _WALL_CLOCKS else "null::TIMESTAMP"
        else:
            unread = f"{shown} || {literal(f' is no ISO 8601 timestamp such as 2026-03-29T14:05:00Z{own_form}')}"
            wall = f"landing_wall_clock({given})"
        return _skipped(shown, wall, zone, unread)
    what = {
        "text": "is no text",
        "integer": "is no integer (of at most 64 bits)",
        "number": "is no decimal number (of at most 12 digits before the point)",
        "boolean": "is none of true, false, 1, 0, yes, no, t, f, y, n",
        "date": f"is no ISO 8601 date such as 2026-03-29{own_form}"
        if is_text
        else "is no date of the years 0001 to 9999",
    }[column.data_type]
    unread = f"{shown} || {literal(f' {what}')}"
    if column.data_type == "integer" and is_text:
        clock = literal(" is no integer (or declare the column's format in the sources YAML, hms)")
        return f"case when regexp_full_match({given}, '{_HMS}') then {shown} || {clock} else {unread} end"
    return unread


def _skipped(shown: str, wall_clock: str, zone: str, unread: str) -> str:
    """Return SQL for why a timestamp has no instant: its wall clock is one that a zone skipped, or there is none."""
    skipped = f"{shown} || {literal(f' does not exist in {zone}: the clocks were put forward over it')}"
    is_skipped = f"{wall_clock} between '0001-01-02' and '9999-12-30'"
    return unread if zone in UTC_NAMES else f"case when {is_skipped} then {skipped} else {unread} end"


def _list(words: Sequence[str]) -> str:
    return ", ".join(map(literal, words))


def _base(found: str) -> str:
    """Return a type's name without its parameters; lists and structs keep them, and fit nothing."""
    return found if found.endswith("]") else found.split("(", 1)[0]
