"""Polars: lazy frames, which it plans as a whole and runs on all cores."""

from datetime import timedelta
from functools import reduce
from pathlib import Path
from typing import Any

import polars as pl

from tools.sql import (
    DIGITS_OF_A_NUMBER,
    EXTRACTS,
    SERVICE_LEVEL_SECONDS,
    SHARED_ADDRESS_MAX_CUSTOMERS,
    SHORT_ABANDON_SECONDS,
)

_WINDOW = timedelta(hours=168)


class Tool:
    """Frames in memory."""

    name = "Polars"

    def __init__(self, extracts: Path) -> None:
        """Remember where the extracts are."""
        self._extracts = extracts
        self._frames: dict[str, pl.DataFrame] = {}

    def load(self) -> None:
        """Read the extracts; current versions only."""
        for path, (columns, key) in EXTRACTS.items():
            names, keys = columns.split(", "), key.split(", ")
            order = ["updated_at", "line"] if "updated_at" in names else ["line"]
            self._frames[path] = (
                pl.scan_parquet(self._extracts / f"{path}.parquet")
                .select(names)
                .with_row_index("line")
                .sort(order, nulls_last=False)
                .unique(keys, keep="last", maintain_order=True)
                .filter(~pl.col("is_deleted").fill_null(value=False))
                .drop("is_deleted", "line")
                .collect()
            )

    def fcr_168h(self) -> list[tuple[Any, ...]]:
        """First-contact resolution within 7 days by day and agent."""
        contacts = _identified(_contacts(self._legs), self._frame("crm/customers"), self._queues)
        as_of = self._legs.select(
            pl.max_horizontal("started_at", "enqueued_at", "answered_at", "ended_at").max()
        ).collect()
        group = ["customer", "client", "channel"]
        handled_ended_at = pl.when("is_handled").then("ended_at")
        evidence_at = pl.when("is_evidence").then("started_at")
        heads = (
            contacts.filter(pl.col("customer").is_not_null())
            .sort("started_at", "contact_id")
            .with_columns(
                handled_ended_at.cum_max().shift(1).forward_fill().over(group).alias("previous_ended_at"),
                evidence_at.shift(-1).backward_fill().over(group).alias("next_started_at"),
            )
            .filter(
                "is_handled",
                pl.col("ended_at") + _WINDOW <= as_of.item(),
                pl.col("previous_ended_at").is_null() | (pl.col("started_at") > pl.col("previous_ended_at") + _WINDOW),
            )
        )
        is_repeated = (pl.col("next_started_at") <= pl.col("ended_at") + _WINDOW).fill_null(value=False)
        return (
            self._with_local_day(heads, "started_at", agents=True)
            .group_by("date_day", "agent_id")
            .agg((~is_repeated).sum(), pl.len().alias("denominator"))
            .collect()
            .rows()
        )

    def service_level(self) -> list[tuple[Any, ...]]:
        """Service level by day and queue."""
        visits = (
            self._legs.filter(
                pl.col("direction") == "inbound",
                pl.col("enqueued_at").is_not_null(),
                pl.col("ended_at").is_not_null(),
                pl.col("queue_id").is_not_null(),
            )
            .join(self._queues.drop("client_id"), on="queue_id", how="left")
            .with_columns(wait=(pl.coalesce("answered_at", "ended_at") - pl.col("enqueued_at")).dt.total_seconds())
        )
        is_answered = pl.col("answered_at").is_not_null()
        is_in_time = is_answered & (pl.col("wait") <= pl.col("service_level_seconds").fill_null(SERVICE_LEVEL_SECONDS))
        is_late_abandon = (
            ~is_answered
            & (pl.col("end_reason") == "abandoned")
            & (pl.col("wait") > pl.col("short_abandon_seconds").fill_null(SHORT_ABANDON_SECONDS))
        )
        return (
            self._with_local_day(visits, "enqueued_at", agents=False)
            .group_by("date_day", "queue_id")
            .agg(is_in_time.sum().alias("numerator"), (is_answered | is_late_abandon).sum().alias("denominator"))
            .filter(pl.col("denominator") > 0)
            .collect()
            .rows()
        )

    def aht_seconds(self) -> list[tuple[Any, ...]]:
        """Average handle time by day and agent."""
        handled = self._legs.filter(
            pl.col("direction") == "inbound",
            pl.col("agent_id").is_not_null(),
            pl.col("answered_at").is_not_null(),
            pl.col("ended_at").is_not_null(),
        ).join(self._queues.select("queue_id", queue_site_id="site_id"), on="queue_id", how="left")
        seconds = pl.sum_horizontal("talk_seconds", "hold_seconds", "acw_seconds")
        return (
            self._with_local_day(handled, "answered_at", agents=True)
            .group_by("date_day", "agent_id")
            .agg(seconds.sum(), pl.len().alias("denominator"))
            .collect()
            .rows()
        )

    def _frame(self, path: str) -> pl.LazyFrame:
        return self._frames[path].lazy()

    @property
    def _legs(self) -> pl.LazyFrame:
        return self._frame("acd/contact_legs")

    @property
    def _queues(self) -> pl.LazyFrame:
        return self._frame("reference/queues")

    def _with_local_day(self, rows: pl.LazyFrame, instant: str, *, agents: bool) -> pl.LazyFrame:
        """Add `date_day`, in the zone of the queue's site, else of the site that the agent had then."""
        if agents:
            history = self._frame("wfm/agents").select("agent_id", "effective_from", agent_site_id="site_id")
            rows = (
                rows.sort(instant)
                .join_asof(
                    history.sort("effective_from"),
                    left_on=instant,
                    right_on="effective_from",
                    by="agent_id",
                    check_sortedness=False,
                )
                .with_columns(site_id=pl.coalesce("queue_site_id", "agent_site_id"))
            )
        zones = self._frames["reference/sites"]["timezone"].unique().to_list()
        # A column of instants has one zone, so the day is worked out in each and the row's own is taken.
        local_day = reduce(
            lambda otherwise, zone: (
                pl.when(pl.col("timezone") == zone)
                .then(pl.col(instant).dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date())
                .otherwise(otherwise)
            ),
            zones,
            pl.col(instant).dt.date(),
        )
        return rows.join(self._frame("reference/sites"), on="site_id", how="left").with_columns(date_day=local_day)


def _contacts(legs: pl.LazyFrame) -> pl.LazyFrame:
    is_handled = pl.col("agent_id").is_not_null() & pl.col("answered_at").is_not_null()
    # Of each contact, whoever handled it last, else who had it last.
    credit = is_handled.cast(pl.Int64) * 1_000_000 + pl.col("leg_number")
    return (
        legs.sort("contact_id", "leg_number")
        .with_columns(credit=credit, is_handled=is_handled)
        .group_by("contact_id")
        .agg(
            pl.col("channel", "direction", "client_id").first(),
            pl.col("queue_id", "agent_id").get(pl.col("credit").arg_max()),
            pl.col("end_reason").last(),
            pl.col("customer_id", "account_number", "customer_address").drop_nulls().last(),
            pl.col("started_at", "enqueued_at", "answered_at").min(),
            pl.when(pl.col("ended_at").is_not_null().all()).then(pl.col("ended_at").max()).alias("ended_at"),
            pl.col("is_handled").any(),
        )
        .filter(pl.col("direction") == "inbound")
    )


def _normalized(address: str) -> pl.Expr:
    text = pl.col(address)
    digits = text.str.replace_all("[^0-9]", "").str.slice(-9)
    return (
        pl.when(text.str.contains("@", literal=True))
        .then(text.str.to_lowercase())
        .when(text.str.contains(r"\p{L}"))
        .then(text)
        .when(digits != "")
        .then(digits)
    )


def _identified(contacts: pl.LazyFrame, customers: pl.LazyFrame, queues: pl.LazyFrame) -> pl.LazyFrame:
    accounts = (
        customers.filter(pl.col("account_number").is_not_null())
        .sort("updated_at", "customer_id")
        .unique("account_number", keep="last", maintain_order=True)
        .select("account_number", account_customer_id="customer_id")
    )
    addresses = (
        pl.concat([customers.select("customer_id", address=_normalized(each)) for each in ("phone", "email")])
        .filter(pl.col("address").is_not_null())
        .group_by("address")
        .agg(customers=pl.col("customer_id").n_unique(), address_customer_id=pl.col("customer_id").min())
    )
    has_short_number = (pl.col("channel") == "voice") & (
        pl.col("customer_address").str.replace_all("[^0-9]", "").str.len_chars() < DIGITS_OF_A_NUMBER
    )
    is_short_abandon = pl.col("answered_at").is_null() & (
        (pl.col("ended_at") - pl.col("enqueued_at")).dt.total_seconds()
        <= pl.col("short_abandon_seconds").fill_null(SHORT_ABANDON_SECONDS)
    ).fill_null(value=False)
    is_abandoned = pl.col("enqueued_at").is_not_null() & (pl.col("end_reason") == "abandoned").fill_null(value=False)
    return (
        contacts.with_columns(
            address=pl.when(~has_short_number.fill_null(value=False)).then(_normalized("customer_address"))
        )
        .join(accounts, on="account_number", how="left")
        .join(addresses, on="address", how="left")
        .join(
            queues.select("queue_id", "short_abandon_seconds", queue_client_id="client_id", queue_site_id="site_id"),
            on="queue_id",
            how="left",
        )
        .with_columns(
            customer=pl.when(pl.col("customer_id").is_not_null())
            .then("customer " + pl.col("customer_id"))
            .when(pl.col("account_customer_id").is_not_null())
            .then("customer " + pl.col("account_customer_id"))
            .when(pl.col("customers") > SHARED_ADDRESS_MAX_CUSTOMERS)
            .then(None)
            .when(pl.col("customers") == 1)
            .then("customer " + pl.col("address_customer_id"))
            .otherwise("address " + pl.col("address")),
            client=pl.coalesce("client_id", "queue_client_id", pl.lit("")),
            is_evidence=pl.col("is_handled") | (is_abandoned & ~is_short_abandon),
        )
    )
