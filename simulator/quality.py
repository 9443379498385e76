"""The extracts of quality assurance: evaluations of contacts, and their items."""

import numpy as np

from simulator.acd import agent_ids, contact_ids
from simulator.arrays import NULL, Rng, chance, choose, logistic, seconds
from simulator.clock import DAY
from simulator.contacts import INBOUND, Traffic
from simulator.tables import Table, booleans, codes, hundredths, ids, instants, integers
from simulator.versions import some, with_versions
from simulator.world import CHAT, World

SECTIONS = ("accuracy", "completeness", "compliance", "privacy", "soft_skills", "script")
_ITEMS = (0, 0, 1, 2, 3, 4, 4, 5)
"""The section of each item."""
_MAXIMA = (5, 5, 5, 10, 10, 5, 5, 5)
_ERRORS = ("none", "non_critical", "customer_critical", "business_critical", "compliance_critical")
_ERROR_OF_SECTION = (2, 3, 4, 4, 1, 1)
_FORMS = ("voice-2026", "written-2026")
_EVALUATED = 0.06


def evaluations(world: World, traffic: Traffic, rng: Rng) -> tuple[Table, Table]:
    """Make evaluations and their items: one contact in seventeen, some of them calibration sessions."""
    contacts, extract_at = traffic.contacts, world.period.extract_at
    handled = (contacts.agent != NULL) & (contacts.direction == INBOUND) & (contacts.end != NULL)
    rows = np.flatnonzero(handled & chance(rng, _EVALUATED, len(contacts)))
    at = contacts.end[rows] + rng.integers(DAY // 2, 6 * DAY, len(rows))
    rows, at = rows[at < extract_at], at[at < extract_at].astype(np.int32)
    size = len(rows)
    number = np.arange(1, size + 1, dtype=np.int32)
    calibration = chance(rng, 0.08, size)
    updated_at = np.minimum(at + seconds(rng.exponential(600, size)), extract_at).astype(np.int32)
    table = Table(
        "qa",
        "evaluations",
        {
            "evaluation_id": ids("Q", number, 7),
            "contact_id": contact_ids(rows),
            "agent_id": agent_ids(contacts.agent[rows]),
            "evaluated_at": instants(at),
            "form": codes((contacts.channel[rows] >= CHAT).astype(np.int8), _FORMS),
            "is_calibration": booleans(
                np.where(calibration, 1, np.where(chance(rng, 0.05, size), NULL, 0)).astype(np.int8)
            ),
            "updated_at": instants(updated_at),
        },
    )
    withdrawn = some(table, 200, 60)
    heads = with_versions(table, table.take(np.arange(0)), withdrawn, updated_at, extract_at)

    items = len(_ITEMS)
    evaluation = np.repeat(np.arange(size), items)
    item = np.tile(np.arange(items), size)
    section = np.array(_ITEMS, dtype=np.int8)[item]
    most = np.array(_MAXIMA)[item]
    skill = world.agents.skill[contacts.agent[rows]][evaluation]
    quality = np.repeat(rng.normal(0.0, 0.6, size), items)
    passed = chance(rng, logistic(2.0 + skill + quality), len(item))
    score = np.where(passed, most, np.rint(most * choose(rng, (0.4, 0.3, 0.3), len(item)) / 3.0))
    irrelevant = chance(rng, 0.05, len(item))
    unscored = chance(rng, 0.01, len(item))
    error = np.where(passed | ~chance(rng, 0.45, len(item)), 0, np.array(_ERROR_OF_SECTION)[section])
    failed = ~passed & ((section == 2) | (section == 3)) & chance(rng, 0.10, len(item))  # noqa: PLR2004
    applies = ~irrelevant & ~unscored
    details = Table(
        "qa",
        "evaluation_items",
        {
            "evaluation_id": ids("Q", number[evaluation], 7),
            "item_number": integers((item + 1).astype(np.int8)),
            "section": codes(section, SECTIONS),
            "score": hundredths(np.where(applies, score * 100, NULL).astype(np.int32)),
            "max_score": hundredths((most * 100).astype(np.int32)),
            "is_not_applicable": booleans(irrelevant),
            "is_auto_fail": booleans(failed & applies),
            "error_class": codes(np.where(applies, error, NULL).astype(np.int8), _ERRORS),
            "updated_at": instants(updated_at[evaluation]),
        },
    )
    # An appeal raised these scores.
    appealed = np.flatnonzero(passed & applies)[::150]
    earlier = details.take(appealed).but(
        score=hundredths(np.zeros(len(appealed), dtype=np.int32)),
        updated_at=instants(at[evaluation[appealed]] - 1),
    )
    gone = np.flatnonzero(np.isin(evaluation, withdrawn))
    return heads, with_versions(details, earlier, gone, updated_at[evaluation], extract_at)
