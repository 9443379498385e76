"""pandas: eager frames, on one core."""

from pathlib import Path
from typing import Any

import pandas as pd

from tools.sql import (
    DIGITS_OF_A_NUMBER,
    EXTRACTS,
    SERVICE_LEVEL_SECONDS,
    SHARED_ADDRESS_MAX_CUSTOMERS,
    SHORT_ABANDON_SECONDS,
)

_WINDOW = pd.Timedelta(hours=168)


class Tool:
    """Frames in memory."""

    name = "pandas"

    def __init__(self, extracts: Path) -> None:
        """Remember where the extracts are."""
        self._extracts = extracts
        self._frames: dict[str, pd.DataFrame] = {}

    def load(self) -> None:
        """Read the extracts; current versions only."""
        for path, (columns, key) in EXTRACTS.items():
            rows = pd.read_parquet(self._extracts / f"{path}.parquet", columns=columns.split(", "))
            if "updated_at" in rows:
                rows = rows.sort_values("updated_at", kind="stable", na_position="first")
            newest = rows.drop_duplicates(key.split(", "), keep="last")
            self._frames[path] = newest[~newest["is_deleted"].astype("boolean").fillna(value=False)].drop(
                columns="is_deleted"
            )

    def fcr_168h(self) -> list[tuple[Any, ...]]:
        """First-contact resolution within 7 days by day and agent."""
        legs = self._legs
        as_of = legs[["started_at", "enqueued_at", "answered_at", "ended_at"]].max().max()
        contacts = _identified(_contacts(legs), self._frames["crm/customers"], self._queues)
        contacts = contacts[contacts["customer"].notna()].sort_values(["started_at", "contact_id"])
        group = [contacts[column] for column in ("customer", "client", "channel")]
        latest_end = contacts["ended_at"].where(contacts["is_handled"]).groupby(group).cummax()
        previous = latest_end.groupby(group).ffill().groupby(group).shift(1)
        evidence_at = contacts["started_at"].where(contacts["is_evidence"])
        following = evidence_at.groupby(group).shift(-1).groupby(group).bfill()
        is_counted = (
            contacts["is_handled"]
            & (contacts["ended_at"] + _WINDOW <= as_of)
            & ~(contacts["started_at"] <= previous + _WINDOW)
        )
        contacts["is_resolved"] = ~(following <= contacts["ended_at"] + _WINDOW)
        heads = self._with_local_day(contacts[is_counted], "started_at", agents=True)
        return _sums(heads, "agent_id", numerator=heads["is_resolved"], denominator=1)

    def service_level(self) -> list[tuple[Any, ...]]:
        """Service level by day and queue."""
        legs = self._legs
        visits = legs[
            (legs["direction"] == "inbound") & legs[["enqueued_at", "ended_at", "queue_id"]].notna().all(axis="columns")
        ].merge(self._queues.drop(columns="client_id"), on="queue_id", how="left")
        wait = (visits["answered_at"].fillna(visits["ended_at"]) - visits["enqueued_at"]).dt.total_seconds()
        is_answered = visits["answered_at"].notna()
        is_in_time = is_answered & (wait <= visits["service_level_seconds"].fillna(SERVICE_LEVEL_SECONDS))
        is_late_abandon = (
            ~is_answered
            & (visits["end_reason"] == "abandoned")
            & (wait > visits["short_abandon_seconds"].fillna(SHORT_ABANDON_SECONDS))
        )
        visits = self._with_local_day(visits, "enqueued_at", agents=False)
        sums = _sums(visits, "queue_id", numerator=is_in_time, denominator=is_answered | is_late_abandon)
        return [row for row in sums if row[3] > 0]

    def aht_seconds(self) -> list[tuple[Any, ...]]:
        """Average handle time by day and agent."""
        legs = self._legs
        handled = legs[
            (legs["direction"] == "inbound") & legs[["agent_id", "answered_at", "ended_at"]].notna().all(axis="columns")
        ].merge(
            self._queues[["queue_id", "site_id"]].rename(columns={"site_id": "queue_site_id"}),
            on="queue_id",
            how="left",
        )
        seconds = handled[["talk_seconds", "hold_seconds", "acw_seconds"]].sum(axis="columns")
        handled = self._with_local_day(handled.assign(seconds=seconds), "answered_at", agents=True)
        return _sums(handled, "agent_id", numerator=handled["seconds"], denominator=1)

    @property
    def _legs(self) -> pd.DataFrame:
        return self._frames["acd/contact_legs"]

    @property
    def _queues(self) -> pd.DataFrame:
        return self._frames["reference/queues"]

    def _with_local_day(self, rows: pd.DataFrame, instant: str, *, agents: bool) -> pd.DataFrame:
        """Add `date_day`, in the zone of the queue's site, else of the site that the agent had then."""
        if agents:
            history = self._frames["wfm/agents"][["agent_id", "effective_from", "site_id"]]
            history = history.rename(columns={"site_id": "agent_site_id"}).sort_values("effective_from")
            rows = pd.merge_asof(
                rows.sort_values(instant), history, left_on=instant, right_on="effective_from", by="agent_id"
            )
            rows["site_id"] = rows["queue_site_id"].fillna(rows["agent_site_id"])
        rows = rows.merge(self._frames["reference/sites"], on="site_id", how="left")
        # A column of instants has one zone, so the rows of each zone are converted by themselves.
        local_days = [
            instants.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
            for zone, instants in rows[instant].groupby(rows["timezone"].fillna("UTC"))
        ]
        return rows.assign(date_day=pd.concat(local_days))


def _sums(
    rows: pd.DataFrame, member: str, *, numerator: pd.Series, denominator: pd.Series | int
) -> list[tuple[Any, ...]]:
    counted = rows.assign(numerator=numerator, denominator=denominator).groupby(["date_day", member])
    sums = counted[["numerator", "denominator"]].sum().reset_index()
    sums["date_day"] = sums["date_day"].dt.date
    return list(sums.itertuples(index=False, name=None))


def _contacts(legs: pd.DataFrame) -> pd.DataFrame:
    legs = legs.sort_values(["contact_id", "leg_number"])
    legs["is_handled"] = legs["agent_id"].notna() & legs["answered_at"].notna()
    by_contact = legs.groupby("contact_id")
    # Of each contact, whoever handled it last, else who had it last.
    credited = legs.sort_values(["contact_id", "is_handled", "leg_number"]).drop_duplicates("contact_id", keep="last")
    known = by_contact[["customer_id", "account_number", "customer_address"]].last()  # skips what is missing
    newest = legs.drop_duplicates("contact_id", keep="last").set_index("contact_id")
    times = by_contact[["started_at", "enqueued_at", "answered_at"]].min()
    is_open = by_contact["ended_at"].count() < by_contact["ended_at"].size()
    oldest = legs.drop_duplicates("contact_id").set_index("contact_id")[["channel", "direction", "client_id"]]
    contacts = oldest.join([known, times, credited.set_index("contact_id")[["queue_id", "agent_id"]]])
    contacts["end_reason"] = newest["end_reason"]
    contacts["ended_at"] = by_contact["ended_at"].max().mask(is_open)
    contacts["is_handled"] = by_contact["is_handled"].max()
    return contacts[contacts["direction"] == "inbound"].reset_index()


def _digits(text: pd.Series) -> pd.Series:
    return text.str.replace(r"[^0-9]", "", regex=True)


def _normalized(text: pd.Series) -> pd.Series:
    digits = _digits(text).str[-9:]
    is_mail = text.str.contains("@", regex=False, na=False)
    has_letter = text.str.contains(r"[^\W\d_]", regex=True, na=False)
    return digits.where(digits != "").mask(has_letter, text).mask(is_mail, text.str.lower())


def _identified(contacts: pd.DataFrame, customers: pd.DataFrame, queues: pd.DataFrame) -> pd.DataFrame:
    accounts = (
        customers[customers["account_number"].notna()]
        .sort_values(["updated_at", "customer_id"])
        .drop_duplicates("account_number", keep="last")
        .set_index("account_number")["customer_id"]
    )
    addresses = (
        pd.concat(
            customers[["customer_id"]].assign(address=_normalized(customers[each])) for each in ("phone", "email")
        )
        .dropna(subset="address")
        .groupby("address")["customer_id"]
        .agg(customers="nunique", address_customer_id="min")
    )
    is_short_number = (contacts["channel"] == "voice") & (
        _digits(contacts["customer_address"]).str.len() < DIGITS_OF_A_NUMBER
    )
    contacts["address"] = _normalized(contacts["customer_address"]).mask(is_short_number)
    contacts["account_customer_id"] = contacts["account_number"].map(accounts)
    contacts = contacts.join(addresses, on="address").merge(
        queues[["queue_id", "short_abandon_seconds", "client_id", "site_id"]].rename(
            columns={"client_id": "queue_client_id", "site_id": "queue_site_id"}
        ),
        on="queue_id",
        how="left",
    )
    found = ("address " + contacts["address"]).mask(contacts["customers"] > SHARED_ADDRESS_MAX_CUSTOMERS)
    found = found.mask(contacts["customers"] == 1, "customer " + contacts["address_customer_id"])
    found = found.mask(contacts["account_customer_id"].notna(), "customer " + contacts["account_customer_id"])
    contacts["customer"] = found.mask(contacts["customer_id"].notna(), "customer " + contacts["customer_id"])
    contacts["client"] = contacts["client_id"].fillna(contacts["queue_client_id"]).fillna("")
    wait = (contacts["ended_at"] - contacts["enqueued_at"]).dt.total_seconds()
    is_short = contacts["answered_at"].isna() & (
        wait <= contacts["short_abandon_seconds"].fillna(SHORT_ABANDON_SECONDS)
    )
    is_abandoned = contacts["enqueued_at"].notna() & (contacts["end_reason"] == "abandoned")
    contacts["is_evidence"] = contacts["is_handled"] | (is_abandoned & ~is_short)
    return contacts
