"""The Technion's call log of a bank ("Anonymous Bank": Mandelbaum, Sakov, Zeltyn) as legs and KPIs.

The raw file is tab-separated with CRLF. Times are local (Asia/Jerusalem). PHANTOM rows are no calls; a HANG
whose q_start is 0:00:00 hung up in the voice menu and never queued; customer_id 0 is "not identified".
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

from .contacts import Contact, contacts_of
from .extracts import Leg, newest_event, parse_instant
from .resolution import DEFAULT_WINDOWS, kpi_values_of_contacts
from .tally import KpiValues, seconds

LOCAL_ZONE = "Asia/Jerusalem"
NEVER_QUEUED = "0:00:00"
ANONYMOUS = "0"


@dataclass(frozen=True)
class Totals:
    """What the data's README knows of the file, recomputed from the contacts."""

    contacts: int
    handled: int
    abandoned_in_queue: int
    answered_within_20_seconds: int
    mean_wait_of_handled: Fraction


def leg_of(row: dict[str, str]) -> Leg:
    """Turn one call into its only leg.

    started = date + vru_entry; enqueued = started + max(vru_time, 0), for AGENT and for a HANG that reached
    the queue; answered (AGENT) = enqueued + q_time; ended = answered + ser_time, or the end of the wait, or
    of the menu.
    """
    day = f"19{row['date'][:2]}-{row['date'][2:4]}-{row['date'][4:]}"
    started_at = parse_instant(f"{day}T{row['vru_entry'].zfill(8)}", ZoneInfo(LOCAL_ZONE))
    menu_left_at = started_at + timedelta(seconds=max(int(row["vru_time"]), 0))
    answered = row["outcome"] == "AGENT"
    queued = answered or row["q_start"] != NEVER_QUEUED
    queue_left_at = menu_left_at + timedelta(seconds=int(row["q_time"]))
    ended_at = menu_left_at
    if answered:
        ended_at = queue_left_at + timedelta(seconds=int(row["ser_time"]))
    elif queued:
        ended_at = queue_left_at
    return Leg(
        # call_id alone is not unique: (date, vru+line, call_id) is.
        contact_id=f"{row['date']}-{row['vru+line']}-{row['call_id']}",
        leg_number=1,
        started_at=started_at,
        enqueued_at=menu_left_at if queued else None,
        answered_at=queue_left_at if answered else None,
        ended_at=ended_at,
        agent_id=row["server"] if answered else None,
        customer_id=row["customer_id"] if row["customer_id"] != ANONYMOUS else None,
        reason_code=row["type"],
        end_reason="completed" if answered else "abandoned",
    )


def read_legs(path: Path) -> list[Leg]:
    """Read the calls of the raw file, PHANTOM rows left out."""
    with path.open(newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        stripped = ({name.strip(): value.strip() for name, value in row.items()} for row in rows)
        return [leg_of(row) for row in stripped if row["outcome"] != "PHANTOM"]


def read_contacts(path: Path, reporting_timezone: str = "UTC") -> list[Contact]:
    """Read the calls as contacts: inbound voice, no client; date_day in the reporting time zone."""
    return contacts_of(read_legs(path), reporting_timezone=reporting_timezone)


def totals(contacts: Sequence[Contact]) -> Totals:
    """Count what the data's README states."""
    handled = [contact for contact in contacts if contact.is_handled]
    waits = [contact.wait for contact in handled if contact.wait is not None]
    return Totals(
        contacts=len(contacts),
        handled=len(handled),
        abandoned_in_queue=sum(contact.is_abandoned for contact in contacts),
        answered_within_20_seconds=sum(wait <= timedelta(seconds=20) for wait in waits),
        mean_wait_of_handled=seconds(sum(waits, timedelta())) / len(handled),
    )


def kpi_values(
    path: Path,
    windows: Sequence[int] = DEFAULT_WINDOWS,
    as_of: datetime | None = None,
    reporting_timezone: str = "UTC",
) -> KpiValues:
    """Compute the KPIs of the section Resolution; as_of is by default the newest event of the file."""
    legs = read_legs(path)
    contacts = contacts_of(legs, reporting_timezone=reporting_timezone)
    return kpi_values_of_contacts(contacts, as_of or newest_event(legs), windows)
