"""Times vendors' own files: how long they take to land and to become legs and states, against DuckDB's bare reading.

Of Asterisk that is reading the queue log and sorting it by call and time, of Amazon Connect DuckDB's `read_json` of the
columns that the models need. Files are made here: calls of five lines each, two thirds of them answered, and records
with the attributes, metrics and nesting of a voice contact.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
from jobs import land, peak_gib, run, steps_of_last_run, write

_LINES_PER_CALL = 5

_QUEUE_LOG = """
    with calls as (
        select
            i as call, 1767225600 + i * 3 as entered, 's' || i % 40 as queue, 'PJSIP/' || (100 + i % 300) as agent,
            5 + i % 50 as wait, 30 + i % 400 as talk, '07' || lpad((i * 7919 % 100000000)::varchar, 8, '0') as caller
        from range($calls) as numbers(i)
    )

    select line
    from (
        select
            entered as logged_at, call, 1 as step,
            entered || '.0|' || call || '.1|' || queue || '|NONE|DID|021000' as line
        from calls
        union all
        select entered, call, 2, entered || '.1|' || call || '.1|' || queue || '|NONE|ENTERQUEUE||' || caller || '|1'
        from calls
        union all
        select
            entered + wait, call, 3,
            (entered + wait) || '.2|' || call || '.1|' || queue || '|' || agent || '|'
            || case call % 3 when 0 then 'RINGNOANSWER|15000' else 'CONNECT|' || wait || '|' || call || '.2|3' end
        from calls
        union all
        select
            entered + wait + talk, call, 4,
            (entered + wait + talk) || '.3|' || call || '.1|' || queue || '|'
            || case call % 3 when 0 then 'NONE|ABANDON|1|1|' || (wait + talk)
            else agent || '|COMPLETECALLER|' || wait || '|' || talk || '|1' end
        from calls
        union all
        select
            entered + wait + talk, call, 5,
            (entered + wait + talk) || '.4|' || call || '.1|' || queue || '|' || agent || '|WRAPUPSTART|20'
        from calls
    )
    order by logged_at, call, step
"""

_SORTED = """
    create table sorted as
    select *
    from read_csv(
        $file, delim = '|', header = false, quote = '', escape = '', all_varchar = true, null_padding = true,
        names = ['time', 'callid', 'queuename', 'agent', 'event', 'data1', 'data2', 'data3', 'data4', 'data5']
    )
    order by callid, time
"""

_NEEDED = """
    create table needed as
    select
        ContactId, InitialContactId, PreviousContactId, NextContactId, Channel, InitiationMethod, InitiationTimestamp,
        ConnectedToSystemTimestamp, DisconnectTimestamp, DisconnectReason, LastUpdateTimestamp, CustomerEndpoint,
        SystemEndpoint, Agent, Queue, Attributes
    from read_json($file, format = 'newline_delimited', columns = {
        ContactId: 'varchar', InitialContactId: 'varchar', PreviousContactId: 'varchar', NextContactId: 'varchar',
        Channel: 'varchar', InitiationMethod: 'varchar', InitiationTimestamp: 'timestamp',
        ConnectedToSystemTimestamp: 'timestamp', DisconnectTimestamp: 'timestamp', DisconnectReason: 'varchar',
        LastUpdateTimestamp: 'timestamp', CustomerEndpoint: 'struct(Address varchar, "Type" varchar)',
        SystemEndpoint: 'struct(Address varchar, "Type" varchar)',
        Agent: 'struct(ARN varchar, ConnectedToAgentTimestamp timestamp, AgentInteractionDuration bigint,
            AfterContactWorkDuration bigint, CustomerHoldDuration bigint, NumberOfHolds bigint, Username varchar)',
        Queue: 'struct(ARN varchar, Name varchar, EnqueueTimestamp timestamp, DequeueTimestamp timestamp,
            Duration bigint)',
        Attributes: 'map(varchar, varchar)'
    })
"""


def _contact_record() -> str:
    """SQL of a contact record as JSON, about 3 kB: what is not read here is most of it, as in Connect's own."""
    arn = "arn:aws:connect:us-east-1:123456789012:instance/1f1c2d3e-0000-4000-8000-000000000000"
    record = {
        "AWSAccountId": "123456789012",
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "Agent": {
            "ARN": f"{arn}/agent/@agent",
            "AfterContactWorkDuration": 20,
            "AfterContactWorkEndTimestamp": "@acw_end",
            "AfterContactWorkStartTimestamp": "@end",
            "AgentInteractionDuration": 120,
            "AgentPauseDurationInSeconds": None,
            "ConnectedToAgentTimestamp": "@answered",
            "CustomerHoldDuration": 0,
            "HierarchyGroups": {"Level1": {"ARN": f"{arn}/agent-group/1", "GroupName": "Service"}},
            "LongestHoldDuration": 0,
            "NumberOfHolds": 0,
            "RoutingProfile": {"ARN": f"{arn}/routing-profile/2", "Name": "Basic"},
            "Username": "user@agent",
        },
        "AgentConnectionAttempts": 1,
        "Attributes": {"customerId": "C@customer", "language": "en", "note": "x" * 900},
        "Campaign": {"CampaignId": None},
        "Channel": "VOICE",
        "ConnectedToSystemTimestamp": "@start",
        "ContactDetails": {},
        "ContactId": "@id",
        "CustomerEndpoint": {"Address": "+4077@customer", "Type": "TELEPHONE_NUMBER"},
        "DisconnectReason": "CUSTOMER_DISCONNECT",
        "DisconnectTimestamp": "@end",
        "InitialContactId": None,
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": "@start",
        "InstanceARN": arn,
        "LastUpdateTimestamp": "@acw_end",
        "MediaStreams": [{"Type": "AUDIO"}],
        "NextContactId": None,
        "PreviousContactId": None,
        "QualityMetrics": {"Agent": {"Audio": {"QualityScore": 4.5}}, "Customer": {"Audio": {"QualityScore": 4.1}}},
        "Queue": {
            "ARN": f"{arn}/queue/@queue",
            "DequeueTimestamp": "@answered",
            "Duration": 30,
            "EnqueueTimestamp": "@start",
            "Name": "Queue @queue",
        },
        "Recording": {"DeletionReason": None, "Location": "bucket/recordings/@id.wav", "Status": "AVAILABLE"},
        "References": [],
        "ScheduledTimestamp": None,
        "SegmentAttributes": {"connect:Subtype": {"ValueString": "connect:Telephony"}, "note": "y" * 700},
        "SystemEndpoint": {"Address": "+40210000000", "Type": "TELEPHONE_NUMBER"},
        "Tags": {"aws:connect:instanceId": "1f1c2d3e"},
        "TransferredToEndpoint": None,
    }
    parts = {
        "@id": "'c' || i",
        "@agent": "i % 300",
        "@queue": "i % 40",
        "@customer": "lpad((i * 7919 % 10000000)::varchar, 8, '0')",
        **{
            name: f"strftime(timestamp '2026-01-01' + to_seconds(i * 20 + {seconds}), '%Y-%m-%dT%H:%M:%SZ')"
            for name, seconds in {"@start": 0, "@answered": 30, "@acw_end": 170, "@end": 150}.items()
        },
    }
    sql = "'" + json.dumps(record).replace("'", "''") + "'"
    for name, expression in parts.items():
        sql = f"replace({sql}, '{name}', ({expression})::varchar)"
    return sql


def _write_queue_log(file: Path, events: int) -> None:
    calls = _QUEUE_LOG.replace("$calls", str(events // _LINES_PER_CALL))
    _write_text(calls, file)


def _write_contact_records(file: Path, records: int) -> None:
    _write_text(f"select {_contact_record()} as line from range({records}) as numbers(i)", file)


def _write_text(query: str, file: Path) -> None:
    file.parent.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"copy ({query}) to '{file}' (format csv, header false, quote '', escape '', delimiter '\x01')"
        )


def _bare(query: str, file: Path, database: Path) -> float:
    start = time.monotonic()
    with duckdb.connect(str(database)) as connection:
        connection.execute(query, {"file": str(file)})
    seconds = time.monotonic() - start
    database.unlink()
    return seconds


def _seconds_of(folder: Path, prefix: str) -> dict[str, float]:
    """The seconds of a vendor's own models in the last build."""
    run_results = folder / "var" / "dbt" / "target" / "run_results.json"
    results = json.loads(run_results.read_text(encoding="utf-8"))["results"]
    return {
        name: float(result["execution_time"])
        for result in results
        if (name := result["unique_id"].rsplit(".", 1)[-1]).removeprefix("stg").removeprefix("int").startswith(prefix)
    }


def measure(source: str, make: Callable[[Path, int], None], name: str, bare: str, count: int) -> list[str]:
    """Make a vendor's file, land it and build; the lines of the result."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        file = folder / "extracts" / source / name
        make(file, count)
        size = file.stat().st_size / 1e9
        floor = min(_bare(bare, file, folder / "floor.duckdb") for _ in range(2))
        landing = land(folder, folder / "extracts")
        whole = run(folder, folder / "extracts", "--no-report")
        models = _seconds_of(folder, f"_{source}__")
        steps = steps_of_last_run(folder)
    conforming = sum(models.values())
    slowest = sorted(models, key=lambda model: -models[model])[:5]
    return [
        f"## {source}: {count:,} of {size:.2f} GB",
        "",
        "| what | s | times DuckDB's bare reading |",
        "|---|---:|---:|",
        f"| DuckDB alone | {floor:.1f} | 1.0 |",
        f"| `ccw land` | {landing:.1f} | {landing / floor:.1f} |",
        f"| its models, sum of their seconds | {conforming:.1f} | {conforming / floor:.1f} |",
        f"| both | {landing + conforming:.1f} | {(landing + conforming) / floor:.1f} |",
        f"| `ccw run` after the landing, start to end | {whole:.1f} | {whole / floor:.1f} |",
        "",
        f"Slowest models: {', '.join(f'{model} {models[model]:.1f} s' for model in slowest)}. "
        f"Steps of the run: {', '.join(f'{step} {seconds:.1f} s' for step, seconds in steps.items())}.",
        "",
    ]


def main() -> None:
    """Make the files, measure, print and write down."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=10_000_000, help="lines of the queue log")
    arguments.add_argument("--records", type=int, default=1_000_000, help="contact records")
    options = arguments.parse_args()
    asterisk = measure("asterisk", _write_queue_log, "queue_log", _SORTED, options.events)
    connect = measure("amazon_connect", _write_contact_records, "contact_records.jsonl", _NEEDED, options.records)
    write(
        f"vendors_{options.events}_{options.records}",
        [
            "# Vendors' own files",
            "",
            f"{platform.machine()}, {os.cpu_count()} cores, DuckDB {duckdb.__version__}. Peak memory "
            f"{peak_gib():.1f} GiB.",
            "",
            *asterisk,
            *connect,
        ],
    )


if __name__ == "__main__":
    main()
