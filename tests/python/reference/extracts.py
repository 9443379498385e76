"""Reads extracts (CSV files in a landing folder) into typed records, as the specification describes them.

Refused here are rows with a value that can't be cast, a missing required value, a value outside its list or
range, instants out of order, events that no calendar has or that lie ahead, and a completed leg that was talked in and
never answered. Nothing is repaired.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from .values import RefusedRowError, Row, in_order, needed, parse_instant

__all__ = ["Extracts", "RefusedRowError", "parse_instant", "read_extracts"]

Record = TypeVar("Record")

DIRECTIONS = frozenset({"inbound", "outbound", "internal"})
INITIATIONS = frozenset({"customer", "transfer", "callback", "agent", "campaign", "api"})
END_REASONS = frozenset(
    {
        "completed",
        "abandoned",
        "transferred",
        "overflowed",
        "voicemail",
        "callback_requested",
        "timed_out",
        "ring_no_answer",
        "queue_full",
        "no_agents",
        "closed",
        "failed",
    }
)
RESOLUTION_CODES = frozenset({"resolved", "unresolved"})
EXIT_TYPES = frozenset({"self_served", "hung_up", "to_agent", "failed"})
REVERSAL_TYPES = frozenset({"cancellation", "return"})
ACTIVITIES = frozenset({"on_queue", "break", "lunch", "training", "meeting", "off_queue"})
SECTIONS = frozenset({"accuracy", "completeness", "compliance", "privacy", "soft_skills", "script"})
ERROR_CLASSES = frozenset({"none", "non_critical", "customer_critical", "business_critical", "compliance_critical"})
NEVER = datetime.min.replace(tzinfo=UTC)
# The id of a contact that nobody can tell; no contact has it.
NO_CONTACT = ""


@dataclass(frozen=True)
class Leg:
    """One queue visit and/or agent stint of a contact (acd.contact_legs); instants are UTC."""

    contact_id: str
    leg_number: int
    started_at: datetime
    ended_at: datetime | None = None
    channel: str = "voice"
    direction: str = "inbound"
    client_id: str | None = None
    initiation: str | None = None
    queue_id: str | None = None
    agent_id: str | None = None
    customer_id: str | None = None
    customer_address: str | None = None
    account_number: str | None = None
    reason_code: str | None = None
    enqueued_at: datetime | None = None
    answered_at: datetime | None = None
    ring_seconds: int | None = None
    talk_seconds: int | None = None
    hold_seconds: int | None = None
    hold_count: int | None = None
    acw_seconds: int | None = None
    end_reason: str | None = None
    resolution_code: str | None = None
    related_contact_id: str | None = None

    @property
    def is_open(self) -> bool:
        """Return whether the leg goes on: "still open […] where ended_at and end_reason are both null"."""
        return self.ended_at is None and self.end_reason is None

    @property
    def is_ring(self) -> bool:
        """Return whether it is "a leg with an agent that ended ring_no_answer"."""
        return self.agent_id is not None and self.end_reason == "ring_no_answer"

    @property
    def latest_known(self) -> datetime:
        """Return when it ended, as far as is known: "it counts as ended at its latest known instant"."""
        instants = (self.started_at, self.enqueued_at, self.answered_at)
        return self.ended_at or max(instant for instant in instants if instant is not None)


@dataclass(frozen=True)
class Session:
    """One self-service session (acd.ivr_sessions)."""

    session_id: str
    entered_at: datetime
    exited_at: datetime | None = None
    exit_type: str | None = None
    contact_id: str | None = None
    client_id: str | None = None
    channel: str | None = None
    customer_id: str | None = None
    customer_address: str | None = None
    account_number: str | None = None
    intent: str | None = None


@dataclass(frozen=True)
class AgentState:
    """One state of an agent (acd.agent_states)."""

    agent_id: str
    state: str
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Survey:
    """One survey sent about a contact (survey.contact_surveys)."""

    survey_id: str
    contact_id: str
    sent_at: datetime
    agent_id: str | None = None
    responded_at: datetime | None = None
    csat_score: int | None = None
    nps_score: int | None = None
    ces_score: int | None = None
    ownership_score: int | None = None
    issue_resolved: bool | None = None
    contacts_needed: int | None = None
    other_channels_used: bool | None = None


@dataclass(frozen=True)
class Customer:
    """A known customer (crm.customers)."""

    customer_id: str
    updated_at: datetime
    account_number: str | None = None
    phone: str | None = None
    email: str | None = None
    client_id: str | None = None


@dataclass(frozen=True)
class Order:
    """An order (crm.orders)."""

    order_id: str
    ordered_at: datetime
    gross_amount: Decimal
    currency: str
    customer_id: str | None = None
    contact_id: str | None = None
    agent_id: str | None = None


@dataclass(frozen=True)
class Reversal:
    """A cancellation or return of an order (crm.order_reversals)."""

    reversal_id: str
    order_id: str
    reversal_type: str
    reversed_at: datetime
    amount: Decimal


@dataclass(frozen=True)
class Login:
    """A login to a self-service account (crm.account_logins)."""

    login_id: str
    account_number: str
    logged_in_at: datetime


@dataclass(frozen=True)
class AgentVersion:
    """What held for an agent from an instant on (wfm.agents)."""

    agent_id: str
    effective_from: datetime
    team_id: str | None = None
    site_id: str | None = None
    role: str | None = None


@dataclass(frozen=True)
class Schedule:
    """One published version of one scheduled activity (wfm.schedules)."""

    schedule_id: str
    agent_id: str
    activity: str
    starts_at: datetime
    ends_at: datetime
    published_at: datetime


@dataclass(frozen=True)
class Forecast:
    """One published forecast of a queue's interval (wfm.forecasts); `contacts` may have decimals."""

    queue_id: str
    interval_start: datetime
    interval_minutes: int
    contacts: Decimal
    published_at: datetime


@dataclass(frozen=True)
class Evaluation:
    """One evaluation of a contact by quality assurance (qa.evaluations)."""

    evaluation_id: str
    contact_id: str
    agent_id: str
    evaluated_at: datetime
    is_calibration: bool | None = None


@dataclass(frozen=True)
class EvaluationItem:
    """One item of an evaluation's form (qa.evaluation_items)."""

    evaluation_id: str
    item_number: int
    section: str
    score: Decimal | None
    max_score: Decimal
    is_not_applicable: bool | None = None
    is_auto_fail: bool | None = None
    error_class: str | None = None


@dataclass(frozen=True)
class EmployeeSurvey:
    """One survey sent to somebody of a team (survey.employee_surveys); nobody knows to whom."""

    survey_id: str
    team_id: str
    sent_at: datetime
    site_id: str | None = None
    responded_at: datetime | None = None
    enps_score: int | None = None
    satisfaction_score: int | None = None


@dataclass(frozen=True)
class Case:
    """A case (crm.cases)."""

    case_id: str
    opened_at: datetime
    customer_id: str | None = None
    contact_id: str | None = None
    reason_code: str | None = None
    first_response_at: datetime | None = None
    closed_at: datetime | None = None
    reopened_count: int | None = None
    reply_count: int | None = None
    requester_wait_seconds: int | None = None
    first_response_business_seconds: int | None = None


@dataclass(frozen=True)
class OperatingCost:
    """One booking of a month's operating cost (finance.operating_costs)."""

    cost_id: str
    month: date
    category: str
    amount: Decimal
    currency: str
    client_id: str | None = None
    site_id: str | None = None


@dataclass(frozen=True)
class Queue:
    """A queue and its settings from an instant on (reference.queues); None is always."""

    queue_id: str
    client_id: str | None = None
    site_id: str | None = None
    channel: str | None = None
    service_level_seconds: int | None = None
    short_abandon_seconds: int | None = None
    effective_from: datetime | None = None
    service_level_target: Decimal | None = None


@dataclass(frozen=True, eq=False)
class Extracts:
    """Everything that was read; every list holds the current version of its records.

    Two of them are never equal, so that what follows from one can be remembered. Nothing changes it once it is used.
    """

    legs: list[Leg] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    states: list[AgentState] = field(default_factory=list)
    surveys: list[Survey] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    reversals: list[Reversal] = field(default_factory=list)
    logins: list[Login] = field(default_factory=list)
    agents: list[AgentVersion] = field(default_factory=list)
    queues: list[Queue] = field(default_factory=list)
    schedules: list[Schedule] = field(default_factory=list)
    forecasts: list[Forecast] = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)
    evaluation_items: list[EvaluationItem] = field(default_factory=list)
    employee_surveys: list[EmployeeSurvey] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    operating_costs: list[OperatingCost] = field(default_factory=list)
    site_timezones: dict[str, str] = field(default_factory=dict)
    team_sites: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    phone_country: str | None = None

    def newest_event(self) -> datetime:
        """Architecture, Time: as_of is by default "the newest event in contact_legs"."""
        return newest_event(self.legs)


def newest_event(legs: Iterable[Leg]) -> datetime:
    """Return the newest instant at which something happened in the legs (updated_at is no event)."""
    return max(
        instant
        for leg in legs
        for instant in (leg.started_at, leg.enqueued_at, leg.answered_at, leg.ended_at)
        if instant is not None
    )


def leg(row: Row) -> Leg:
    """Read a contact leg.

    "started_at ≤ enqueued_at ≤ answered_at ≤ ended_at where given"; "a completed leg of an agent with talk time has an
    answered_at". Of the recorded durations those of talk and hold lie between the answer and the end.
    """
    started_at = needed(row.event("started_at"), "started_at")
    enqueued_at = row.event("enqueued_at", [started_at])
    answered_at = row.event("answered_at", [started_at, enqueued_at])
    talk_seconds, hold_seconds = row.seconds("talk_seconds"), row.seconds("hold_seconds")
    ended_at = row.end(
        "ended_at",
        [started_at, enqueued_at, answered_at],
        lasting=(talk_seconds or 0) + (hold_seconds or 0),
        since=answered_at or started_at,
    )
    read = Leg(
        contact_id=needed(row.text("contact_id"), "contact_id"),
        leg_number=needed(row.whole("leg_number", low=1), "leg_number"),
        started_at=started_at,
        ended_at=ended_at,
        channel=needed(row.word("channel"), "channel"),
        direction=needed(row.text("direction", DIRECTIONS), "direction"),
        client_id=row.text("client_id"),
        initiation=row.text("initiation", INITIATIONS),
        queue_id=row.text("queue_id"),
        agent_id=row.text("agent_id"),
        customer_id=row.text("customer_id"),
        customer_address=row.text("customer_address"),
        account_number=row.text("account_number"),
        reason_code=row.text("reason_code"),
        enqueued_at=enqueued_at,
        answered_at=answered_at,
        ring_seconds=row.seconds("ring_seconds"),
        talk_seconds=talk_seconds,
        hold_seconds=hold_seconds,
        hold_count=row.whole("hold_count", low=0),
        acw_seconds=row.seconds("acw_seconds"),
        end_reason=row.text("end_reason", END_REASONS),
        resolution_code=row.text("resolution_code", RESOLUTION_CODES),
        related_contact_id=row.text("related_contact_id"),
    )
    in_order(started_at=started_at, enqueued_at=enqueued_at, answered_at=answered_at, ended_at=ended_at)
    if read.end_reason == "completed" and read.agent_id and read.talk_seconds and read.answered_at is None:
        raise RefusedRowError("answered_at: missing, though the leg was talked in and completed")
    return read


def session(row: Row) -> Session:
    """Read a self-service session."""
    entered_at = needed(row.event("entered_at"), "entered_at")
    read = Session(
        session_id=needed(row.text("session_id"), "session_id"),
        entered_at=entered_at,
        exited_at=row.end("exited_at", [entered_at]),
        exit_type=row.text("exit_type", EXIT_TYPES),
        contact_id=row.text("contact_id"),
        client_id=row.text("client_id"),
        channel=row.word("channel"),
        customer_id=row.text("customer_id"),
        customer_address=row.text("customer_address"),
        account_number=row.text("account_number"),
        intent=row.text("intent"),
    )
    in_order(entered_at=read.entered_at, exited_at=read.exited_at)
    return read


def agent_state(row: Row) -> AgentState:
    """Read an agent's state."""
    started_at = needed(row.event("started_at"), "started_at")
    read = AgentState(
        agent_id=needed(row.text("agent_id"), "agent_id"),
        state=needed(row.word("state"), "state"),
        started_at=started_at,
        ended_at=row.end("ended_at", [started_at]),
    )
    in_order(started_at=read.started_at, ended_at=read.ended_at)
    return read


def is_no_version(state: AgentState) -> bool:
    """Return whether a state is none: "A state of no length (ended_at ≤ started_at […]) is no version of anything"."""
    return state.ended_at is not None and state.ended_at <= state.started_at


def ends_at(state: AgentState) -> datetime:
    """Return where a state stands among conflicting ones: "the one ending last"; an open one ends after all others."""
    return state.ended_at or datetime.max.replace(tzinfo=UTC)


def survey(row: Row) -> Survey:
    """Read a survey."""
    return Survey(
        survey_id=needed(row.text("survey_id"), "survey_id"),
        contact_id=needed(row.text("contact_id"), "contact_id"),
        sent_at=needed(row.event("sent_at"), "sent_at"),
        agent_id=row.text("agent_id"),
        responded_at=row.event("responded_at"),
        csat_score=row.whole("csat_score", 1, 5),
        nps_score=row.whole("nps_score", 0, 10),
        ces_score=row.whole("ces_score", 1, 7),
        ownership_score=row.whole("ownership_score", 1, 5),
        issue_resolved=row.boolean("issue_resolved"),
        contacts_needed=row.whole("contacts_needed", low=0),
        other_channels_used=row.boolean("other_channels_used"),
    )


def customer(row: Row) -> Customer:
    """Read a customer."""
    return Customer(
        customer_id=needed(row.text("customer_id"), "customer_id"),
        updated_at=needed(row.instant("updated_at"), "updated_at"),
        account_number=row.text("account_number"),
        phone=row.text("phone"),
        email=row.text("email"),
        client_id=row.text("client_id"),
    )


def order(row: Row) -> Order:
    """Read an order."""
    return Order(
        order_id=needed(row.text("order_id"), "order_id"),
        ordered_at=needed(row.event("ordered_at"), "ordered_at"),
        gross_amount=needed(row.number("gross_amount"), "gross_amount"),
        currency=needed(row.text("currency"), "currency"),
        customer_id=row.text("customer_id"),
        contact_id=row.text("contact_id"),
        agent_id=row.text("agent_id"),
    )


def reversal(row: Row) -> Reversal:
    """Read a reversal."""
    read = Reversal(
        reversal_id=needed(row.text("reversal_id"), "reversal_id"),
        order_id=needed(row.text("order_id"), "order_id"),
        reversal_type=needed(row.text("reversal_type", REVERSAL_TYPES), "reversal_type"),
        reversed_at=needed(row.event("reversed_at"), "reversed_at"),
        amount=needed(row.number("amount"), "amount"),
    )
    if read.amount <= 0:
        raise RefusedRowError(f"amount: outside its range: {read.amount}")
    return read


def login(row: Row) -> Login:
    """Read a login."""
    return Login(
        login_id=needed(row.text("login_id"), "login_id"),
        account_number=needed(row.text("account_number"), "account_number"),
        logged_in_at=needed(row.event("logged_in_at"), "logged_in_at"),
    )


def agent_version(row: Row) -> AgentVersion:
    """Read a version of an agent."""
    return AgentVersion(
        agent_id=needed(row.text("agent_id"), "agent_id"),
        effective_from=needed(row.event("effective_from"), "effective_from"),
        team_id=row.text("team_id"),
        site_id=row.text("site_id"),
        role=row.text("role"),
    )


def schedule(row: Row) -> Schedule:
    """Read a version of a scheduled activity."""
    starts_at = needed(row.instant("starts_at"), "starts_at")
    read = Schedule(
        schedule_id=needed(row.text("schedule_id"), "schedule_id"),
        agent_id=needed(row.text("agent_id"), "agent_id"),
        activity=needed(row.text("activity", ACTIVITIES), "activity"),
        starts_at=starts_at,
        ends_at=needed(row.instant("ends_at", [starts_at]), "ends_at"),
        published_at=needed(row.event("published_at"), "published_at"),
    )
    in_order(starts_at=read.starts_at, ends_at=read.ends_at)
    return read


def forecast(row: Row) -> Forecast:
    """Read a version of a forecast."""
    row.seconds("aht_seconds")
    return Forecast(
        queue_id=needed(row.text("queue_id"), "queue_id"),
        interval_start=needed(row.instant("interval_start"), "interval_start"),
        interval_minutes=needed(row.whole("interval_minutes", low=1), "interval_minutes"),
        contacts=needed(row.number("contacts", low=0), "contacts"),
        published_at=needed(row.event("published_at"), "published_at"),
    )


def evaluation(row: Row) -> Evaluation:
    """Read an evaluation."""
    return Evaluation(
        evaluation_id=needed(row.text("evaluation_id"), "evaluation_id"),
        contact_id=needed(row.text("contact_id"), "contact_id"),
        agent_id=needed(row.text("agent_id"), "agent_id"),
        evaluated_at=needed(row.event("evaluated_at"), "evaluated_at"),
        is_calibration=row.boolean("is_calibration"),
    )


def evaluation_item(row: Row) -> EvaluationItem:
    """Read an item of an evaluation."""
    return EvaluationItem(
        evaluation_id=needed(row.text("evaluation_id"), "evaluation_id"),
        item_number=needed(row.whole("item_number"), "item_number"),
        section=needed(row.text("section", SECTIONS), "section"),
        score=row.number("score"),
        max_score=needed(row.number("max_score"), "max_score"),
        is_not_applicable=row.boolean("is_not_applicable"),
        is_auto_fail=row.boolean("is_auto_fail"),
        error_class=row.text("error_class", ERROR_CLASSES),
    )


def employee_survey(row: Row) -> EmployeeSurvey:
    """Read an employee survey."""
    return EmployeeSurvey(
        survey_id=needed(row.text("survey_id"), "survey_id"),
        team_id=needed(row.text("team_id"), "team_id"),
        sent_at=needed(row.event("sent_at"), "sent_at"),
        site_id=row.text("site_id"),
        responded_at=row.event("responded_at"),
        enps_score=row.whole("enps_score", 0, 10),
        satisfaction_score=row.whole("satisfaction_score", 1, 5),
    )


def case(row: Row) -> Case:
    """Read a case."""
    return Case(
        case_id=needed(row.text("case_id"), "case_id"),
        opened_at=needed(row.event("opened_at"), "opened_at"),
        customer_id=row.text("customer_id"),
        contact_id=row.text("contact_id"),
        reason_code=row.text("reason_code"),
        first_response_at=row.event("first_response_at"),
        closed_at=row.end("closed_at"),
        reopened_count=row.whole("reopened_count", low=0),
        reply_count=row.whole("reply_count", low=0),
        requester_wait_seconds=row.whole("requester_wait_seconds", low=0),
        first_response_business_seconds=row.whole("first_response_business_seconds", low=0),
    )


def operating_cost(row: Row) -> OperatingCost:
    """Read a booking of operating cost."""
    return OperatingCost(
        cost_id=needed(row.text("cost_id"), "cost_id"),
        month=needed(row.day("month"), "month"),
        category=needed(row.text("category"), "category"),
        amount=needed(row.number("amount"), "amount"),
        currency=needed(row.text("currency"), "currency"),
        client_id=row.text("client_id"),
        site_id=row.text("site_id"),
    )


def queue(row: Row) -> Queue:
    """Read a queue's settings."""
    return Queue(
        queue_id=needed(row.text("queue_id"), "queue_id"),
        client_id=row.text("client_id"),
        site_id=row.text("site_id"),
        channel=row.word("channel"),
        service_level_seconds=row.seconds("service_level_seconds"),
        short_abandon_seconds=row.seconds("short_abandon_seconds"),
        effective_from=row.instant("effective_from"),
        service_level_target=row.number("service_level_target", low=0),
    )


def site(row: Row) -> tuple[str, str | None]:
    """Read a site and its time zone."""
    return needed(row.text("site_id"), "site_id"), row.text("timezone")


def team(row: Row) -> tuple[str, str | None]:
    """Read a team and its site."""
    return needed(row.text("team_id"), "team_id"), row.text("site_id")


def files_of(folder: Path, source: str, table: str) -> list[tuple[str | None, Path]]:
    """List a table's files with their instances, in order of name.

    `<source>/<table>/…` or `<source>/<table>[.anything].csv`; "Several systems of one kind: a folder
    `<source>@<instance>/`".
    """
    found: list[tuple[str | None, Path]] = []
    for base in sorted([folder / source, *folder.glob(f"{source}@*")]):
        files = {*base.glob(f"{table}.csv"), *base.glob(f"{table}.*.csv"), *(base / table).glob("**/*.csv")}
        instance = base.name.partition("@")[2] or None
        found += [(instance, file) for file in sorted(files)]
    return found


def of_instance(record: Record, instance: str | None, own_ids: Sequence[str]) -> Record:
    """Give the ids that an instance handed out itself its name: they are "`berlin:<id>` from staging on"."""
    if instance is None:
        return record
    named = {name: f"{instance}:{value}" for name in own_ids if (value := getattr(record, name)) is not None}
    return replace(record, **named)  # type: ignore[type-var]


@dataclass(frozen=True)
class Version:
    """A version of a record, as it stands among the others of its key."""

    updated_at: datetime
    rank: Any
    is_withdrawn: bool
    record: Any


class Landing:
    """A landing folder that is being read."""

    def __init__(self, folder: Path, zones: Mapping[str, str], now: datetime) -> None:
        """Take the folder, by source the time zone of timestamps without an offset (else UTC), and the clock."""
        self.folder = folder
        self.zones = zones
        self.now = now
        self.refused: list[str] = []
        self.instances: set[str] = set()

    def table(
        self,
        name: str,
        key: Callable[[Record], Hashable],
        read: Callable[[Row], Record],
        *,
        dated: bool = True,
        forbidden_in_header: str | None = None,
        own_ids: Sequence[str] = (),
        is_none: Callable[[Record], bool] = lambda _: False,
        rank: Callable[[Record], Any] = lambda _: 0,
    ) -> list[Record]:
        """Read one table (`source.table`) and keep the current version of each record.

        Specification: "a later version of a record (greater `updated_at`, then later load) replaces the earlier
        one"; is_deleted: "a version that says true withdraws the record". A refused version is no version. Of equally
        new versions "the later load, then line, counts", or the one of the highest rank. What is_none is no version
        unless it withdraws one. Tables without updated_at (dated=False) go by load alone. forbidden_in_header refuses
        a file whole whose header has a column with that word.
        """
        source, table = name.split(".")
        zone = ZoneInfo(self.zones.get(source, "UTC"))
        current: dict[Hashable, Version] = {}
        for instance, path in files_of(self.folder, source, table):
            if instance is not None:
                self.instances.add(instance)
            with path.open(newline="", encoding="utf-8-sig") as lines:
                reader = csv.DictReader(lines)
                header = reader.fieldnames or ()
                if forbidden_in_header is not None and any(forbidden_in_header in name.lower() for name in header):
                    self.refused.append(f"{source}/{path.name}: a column with {forbidden_in_header}")
                    continue
                for values in reader:
                    row = Row(values, zone, self.now)
                    try:
                        record = of_instance(read(row), instance, own_ids)
                        updated_at = NEVER if not dated else needed(row.instant("updated_at"), "updated_at")
                        withdrawn = row.boolean("is_deleted") is True
                    except RefusedRowError as error:
                        self.refused.append(f"{source}/{path.name}:{reader.line_num}: {error}")
                        continue
                    if is_none(record) and not withdrawn:
                        continue
                    # Lines come in the order of loading, so that of two that are equal the later one stays.
                    version = Version(updated_at, rank(record), withdrawn, record)
                    before = current.get(key(record))
                    if before is None or (updated_at, version.rank) >= (before.updated_at, before.rank):
                        current[key(record)] = version
        return [version.record for version in current.values() if not version.is_withdrawn]


class BareIds:
    """Finds out which instance's contact a record of another source means."""

    def __init__(self, contact_ids: Iterable[str], instances: Iterable[str]) -> None:
        """Take the ids of all contacts, `instance:id` where they have an instance."""
        instances = set(instances)
        self.holders: dict[str, set[str]] = defaultdict(set)
        for contact_id in contact_ids:
            self.holders[contact_id].add(contact_id)
            instance, _, bare_id = contact_id.partition(":")
            if instance in instances:
                self.holders[bare_id].add(contact_id)

    def contact_of(self, named: str | None) -> str | None:
        """Return the contact: "a bare id belongs to the one instance that has it, and to none if several have"."""
        holders = self.holders.get(named or "", set())
        if len(holders) > 1:
            return None
        return next(iter(holders), named)


def read_extracts(
    folder: Path,
    zones: Mapping[str, str] | None = None,
    now: datetime | None = None,
    *,
    phone_country: str | None = None,
) -> Extracts:
    """Read a landing folder.

    `zones` says which time zone a source's timestamps without an offset are in; `now` is "the landing clock or
    `--as-of`, whichever is later", by default the clock.
    """
    landing = Landing(folder, zones or {}, now or datetime.now(UTC))
    sites = landing.table("reference.sites", lambda found: found[0], site, dated=False)
    teams = landing.table("reference.teams", lambda found: found[0], team, dated=False)
    legs = landing.table(
        "acd.contact_legs",
        lambda found: (found.contact_id, found.leg_number),
        leg,
        own_ids=("contact_id", "related_contact_id"),
    )
    surveys = landing.table("survey.contact_surveys", lambda found: found.survey_id, survey, own_ids=("survey_id",))
    orders = landing.table("crm.orders", lambda found: found.order_id, order, own_ids=("order_id",))
    evaluations = landing.table(
        "qa.evaluations", lambda found: found.evaluation_id, evaluation, own_ids=("evaluation_id",)
    )
    cases = landing.table("crm.cases", lambda found: found.case_id, case, own_ids=("case_id",))
    bare_ids = BareIds((leg.contact_id for leg in legs), landing.instances)
    contact_of = bare_ids.contact_of
    return Extracts(
        legs=legs,
        sessions=landing.table(
            "acd.ivr_sessions", lambda found: found.session_id, session, own_ids=("session_id", "contact_id")
        ),
        # Of conflicting states it is the one ending last that counts.
        states=landing.table(
            "acd.agent_states",
            lambda found: (found.agent_id, found.started_at),
            agent_state,
            is_none=is_no_version,
            rank=ends_at,
        ),
        surveys=[replace(survey, contact_id=contact_of(survey.contact_id) or NO_CONTACT) for survey in surveys],
        customers=landing.table("crm.customers", lambda found: found.customer_id, customer),
        orders=[replace(order, contact_id=contact_of(order.contact_id)) for order in orders],
        reversals=landing.table(
            "crm.order_reversals", lambda found: found.reversal_id, reversal, own_ids=("reversal_id", "order_id")
        ),
        logins=landing.table(
            "crm.account_logins", lambda found: found.login_id, login, dated=False, own_ids=("login_id",)
        ),
        agents=landing.table("wfm.agents", lambda found: (found.agent_id, found.effective_from), agent_version),
        queues=landing.table(
            "reference.queues", lambda found: (found.queue_id, found.effective_from), queue, dated=False
        ),
        schedules=landing.table(
            "wfm.schedules",
            lambda found: (found.schedule_id, found.published_at),
            schedule,
            own_ids=("schedule_id",),
        ),
        forecasts=landing.table(
            "wfm.forecasts",
            lambda found: (found.queue_id, found.interval_start, found.published_at),
            forecast,
            dated=False,
        ),
        evaluations=[
            replace(evaluation, contact_id=contact_of(evaluation.contact_id) or NO_CONTACT)
            for evaluation in evaluations
        ],
        evaluation_items=landing.table(
            "qa.evaluation_items",
            lambda found: (found.evaluation_id, found.item_number),
            evaluation_item,
            own_ids=("evaluation_id",),
        ),
        # Specification: "No agent id, by design: a file that has an agent column is rejected whole".
        employee_surveys=landing.table(
            "survey.employee_surveys",
            lambda found: found.survey_id,
            employee_survey,
            forbidden_in_header="agent",
            own_ids=("survey_id",),
        ),
        cases=[replace(case, contact_id=contact_of(case.contact_id)) for case in cases],
        operating_costs=landing.table(
            "finance.operating_costs", lambda found: found.cost_id, operating_cost, own_ids=("cost_id",)
        ),
        site_timezones={site_id: zone for site_id, zone in sites if zone is not None},
        team_sites={team_id: site_id for team_id, site_id in teams if site_id is not None},
        refused=landing.refused,
        phone_country=phone_country,
    )
