"""Who and what there is: clients, sites, teams, queues, reasons, agents, customers. All of it is made up."""

from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np

from simulator.arrays import NULL, Array, Arrays, Rng, chance, choose, seconds
from simulator.clock import DAY, Period

CHANNELS = ("voice", "chat", "email", "sms", "social")
VOICE, CHAT, EMAIL, SMS, SOCIAL = range(len(CHANNELS))


class Client(NamedTuple):
    """An outsourcing client."""

    id: str
    name: str
    industry: str


class Site(NamedTuple):
    """A site; `timezone` is its IANA name."""

    id: str
    name: str
    timezone: str


class Team(NamedTuple):
    """A kind of team. All teams of one site and client form a pool that answers the same queues."""

    id: str
    name: str
    site: int
    client: int
    role: str


class Queue(NamedTuple):
    """A queue. None is a setting that the reference leaves empty; `wait` scales how long one waits."""

    id: str
    name: str
    client: int
    site: int
    channel: int | None
    service_level_seconds: int | None
    service_level_target: int | None
    """In hundredths."""
    short_abandon_seconds: int | None
    wait: float
    closed_on_sunday: bool


class Reason(NamedTuple):
    """A contact type: the log-odds that one contact resolves it, and a factor on its talk time."""

    code: str
    name: str
    category: str
    shares: tuple[float, float]
    """By client."""
    resolution: float
    talk: float


RETAIL, TELECOM = range(2)
CLIENTS = (
    Client("willow", "Willow & Finch Home", "retail"),
    Client("skylark", "Skylark Mobile", "telecom"),
)
LISBON, BUCHAREST, ALBANY = range(3)
SITES = (
    Site("lisbon", "Lisbon", "Europe/Lisbon"),
    Site("bucharest", "Bucharest", "Europe/Bucharest"),
    Site("albany", "Albany", "America/New_York"),
)
TEAMS = (
    Team("lis-home", "Lisbon Home", LISBON, RETAIL, "service"),
    Team("lis-digital", "Lisbon Digital", LISBON, RETAIL, "service"),
    Team("alb-sales", "Albany Sales", ALBANY, RETAIL, "sales"),
    Team("alb-mobile", "Albany Mobile", ALBANY, TELECOM, "technical_support"),
    Team("buc-mobile", "Bucharest Mobile", BUCHAREST, TELECOM, "technical_support"),
    Team("buc-digital", "Bucharest Digital", BUCHAREST, TELECOM, "service"),
)
POOLS = ((LISBON, RETAIL), (ALBANY, RETAIL), (ALBANY, TELECOM), (BUCHAREST, TELECOM))
QUEUES = (
    Queue("home-voice-eu", "Home service, Europe", RETAIL, LISBON, VOICE, 20, 80, 5, 0.9, False),
    Queue("home-sales-us", "Home sales, US", RETAIL, ALBANY, VOICE, 30, 80, None, 0.8, True),
    Queue("home-chat", "Home chat", RETAIL, LISBON, CHAT, 60, 85, 10, 0.8, False),
    Queue("home-email", "Home e-mail", RETAIL, LISBON, EMAIL, 28800, 90, None, 1.0, False),
    Queue("mobile-voice-eu", "Mobile support, Europe", TELECOM, BUCHAREST, VOICE, None, None, None, 1.0, False),
    Queue("mobile-voice-us", "Mobile support, US", TELECOM, ALBANY, VOICE, 45, 75, 8, 1.6, False),
    Queue("mobile-chat", "Mobile chat", TELECOM, BUCHAREST, CHAT, 45, 80, 5, 1.0, False),
    Queue("mobile-messages", "Mobile messages", TELECOM, BUCHAREST, None, 3600, None, None, 1.0, False),
)
UNLISTED_QUEUE = "legacy-overflow"
"""A queue that some legs name and no reference extract lists."""
REASONS = (
    Reason("BILL", "Invoice or payment", "billing", (0.10, 0.30), 1.3, 1.0),
    Reason("DELIV", "Delivery", "fulfilment", (0.32, 0.06), 1.0, 0.9),
    Reason("TECH", "Technical problem", "support", (0.08, 0.34), 0.5, 1.4),
    Reason("SALE", "New order", "sales", (0.30, 0.10), 1.9, 1.2),
    Reason("ACCT", "Account or plan change", "account", (0.10, 0.13), 1.7, 0.8),
    Reason("CMPL", "Complaint", "complaint", (0.10, 0.07), 0.4, 1.5),
)
BILL, DELIV, TECH, SALE, ACCT, CMPL = range(len(REASONS))

CHANNEL_SHARES = ((0.62, 0.22, 0.16, 0.0, 0.0), (0.52, 0.24, 0.10, 0.07, 0.07))
"""By client: how often a customer turns to each channel first."""


@dataclass
class Agents(Arrays):
    """Agents; instants in seconds since EPOCH."""

    team: Array
    new_team: Array
    """The team that the agent moves to, else NULL."""
    moves_at: Array
    hired_at: Array
    left_at: Array
    effective_from: Array
    skill: Array
    """Log-odds that the agent adds to the resolution of an issue."""
    pace: Array
    """Factor on handling times."""


@dataclass
class Persons(Arrays):
    """Everybody who may contact a client: first the customers that the CRM knows, then those it does not."""

    number: Array
    client: Array
    region: Array
    """0 Europe, 1 US."""
    phone: Array
    """The last nine digits of the phone number."""
    account: Array
    segment: Array
    is_known: Array


@dataclass(frozen=True)
class World:
    """The world of one simulation."""

    period: Period
    teams: tuple[Team, ...]
    queues: tuple[Queue, ...]
    agents: Agents
    persons: Persons
    size: int
    """Contacts to simulate."""
    known_until: int | None = None
    """The instant at which the extracts of the days before were drawn, if there are any."""

    @property
    def known_customers(self) -> int:
        """Customers that the CRM knows: the first so many persons."""
        return int(self.persons.is_known.sum())

    def queue_for(self, rng: Rng, person: Array, channel: Array) -> Array:
        """Return the queue in which a person's contact in a channel arrives; shape (contacts,), int16."""
        client = self.persons.client[person]
        region = self.persons.region[person]
        kind = _QUEUE_OF[client, region, channel]
        copies = len(self.queues) // len(QUEUES)
        return (rng.integers(0, copies, len(person)) * len(QUEUES) + kind).astype(np.int16)


_QUEUE_OF = np.array(
    [
        [[0, 2, 3, 3, 3], [1, 2, 3, 3, 3]],
        [[4, 6, 7, 7, 7], [5, 6, 7, 7, 7]],
    ],
    dtype=np.int16,
)
"""Queue by client, region and channel."""

_Kind = TypeVar("_Kind", Team, Queue)

_CONTACTS_PER_AGENT_DAY = 30
_AGENTS_PER_TEAM = 15
_FEWEST_AGENTS, _MOST_AGENTS = 24, 5000
_COPIES_FROM = (200_000, 2_000_000)
"""Contacts from which there are two, and three, queues of each kind."""
_MOVES_EVERY = 12
_CAST = 24
"""Of so many agents, one has each of the following parts."""
_WEAK, _ENTERED_LATE, _STRONG, _JOINS, _LEAVES = 3, 7, 8, 15, 22


def build(contacts: int, period: Period, rng: Rng) -> World:
    """Build a world for so many contacts: more of them need more agents, teams, queues and customers."""
    wanted = contacts // (period.days * _CONTACTS_PER_AGENT_DAY)
    agents = min(max(wanted, _FEWEST_AGENTS), _MOST_AGENTS)
    teams = _numbered(TEAMS, max(1, agents // (len(TEAMS) * _AGENTS_PER_TEAM)))
    copies = 1 + sum(contacts >= least for least in _COPIES_FROM)
    return World(
        period=period,
        teams=teams,
        queues=_numbered(QUEUES, copies),
        agents=_agents(agents, teams, period, rng),
        persons=_persons(contacts, rng),
        size=contacts,
    )


def _numbered(kinds: tuple[_Kind, ...], copies: int) -> tuple[_Kind, ...]:
    """Repeat what there is, the copies from the second one on with a number in id and name."""
    return kinds + tuple(
        kind._replace(id=f"{kind.id}-{copy}", name=f"{kind.name} {copy}")
        for copy in range(2, copies + 1)
        for kind in kinds
    )


def _agents(size: int, teams: tuple[Team, ...], period: Period, rng: Rng) -> Agents:
    number = np.arange(size)
    start = period.grid_start
    team = (number % len(teams)).astype(np.int16)
    hired = start - seconds(rng.uniform(60, 2000, size)) * DAY
    left = np.full(size, NULL, dtype=np.int32)
    part = number % _CAST
    new_team = np.full(size, NULL, dtype=np.int16)
    moves = np.full(size, NULL, dtype=np.int32)
    partner = np.array([_partner(index, teams) for index in range(len(teams))], dtype=np.int16)
    moving = (number % _MOVES_EVERY == 0) & (partner[team] != team)
    new_team[moving] = partner[team[moving]]
    moves[moving] = start + DAY * (1 + seconds(period.days * rng.uniform(0.4, 0.7, int(moving.sum())))) + DAY // 4
    joining, leaving = part == _JOINS, part == _LEAVES
    hired[joining] = start + DAY * (1 + seconds(period.days * rng.uniform(0.2, 0.5, int(joining.sum()))))
    left[leaving] = start + DAY * (1 + seconds(period.days * rng.uniform(0.6, 0.9, int(leaving.sum())), 1))
    # Before these agents were entered, some days into the period, nobody knows their team.
    effective = hired.copy()
    effective[part == _ENTERED_LATE] = start + 4 * DAY
    skill = rng.normal(0.0, 0.4, size)
    skill[part == _WEAK] -= 0.9
    skill[part == _STRONG] += 0.9
    pace = np.exp(rng.normal(0.0, 0.15, size))
    return Agents(team, new_team, moves, hired.astype(np.int32), left, effective.astype(np.int32), skill, pace)


def _partner(index: int, teams: tuple[Team, ...]) -> int:
    team = teams[index]
    same = [
        other
        for other, candidate in enumerate(teams)
        if other != index and (candidate.site, candidate.client) == (team.site, team.client)
    ]
    return same[0] if same else index


def _persons(contacts: int, rng: Rng) -> Persons:
    known = max(40, round(0.68 * contacts))
    size = known + max(4, known // 12)
    number = np.arange(size, dtype=np.int32)
    client = choose(rng, (0.5, 0.5), size)
    region = choose(rng, (0.58, 0.42), size)
    phone = (555_000_000 + number).astype(np.int32)
    account = (100_000 + number).astype(np.int32)
    # One number is shared by five customers of one client, some by two; some couples share an account.
    client[:5], region[:5], phone[:5] = TELECOM, 0, phone[0]
    pairs = 6 + np.flatnonzero(chance(rng, 0.012, max(0, known - 8)))
    phone[pairs + 1] = phone[pairs]
    client[pairs + 1] = client[pairs]
    couples = 6 + np.flatnonzero(chance(rng, 0.006, max(0, known - 8)))
    account[couples + 1] = account[couples]
    client[couples + 1] = client[couples]
    return Persons(
        number=number,
        client=client,
        region=region,
        phone=phone,
        account=account,
        segment=choose(rng, (0.7, 0.2, 0.1), size),
        is_known=number < known,
    )
