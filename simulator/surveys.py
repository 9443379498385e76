"""The extracts of surveys: contact_surveys, answered by some customers, and employee_surveys, anonymous."""

import numpy as np

from simulator.acd import agent_ids, contact_ids
from simulator.arrays import NULL, Array, Rng, chance, choose, seconds
from simulator.clock import DAY, HOUR
from simulator.contacts import INTERNAL, Traffic
from simulator.tables import Table, booleans, codes, ids, instants, integers
from simulator.versions import emptied, some, with_versions
from simulator.world import SITES, World

COMMENTS = {
    "en": (
        "Quick and friendly, thank you.",
        "The agent knew exactly what to do, thank you.",
        "Solved at once, great service!",
        "Very patient and friendly, and it works now.",
        "The agent was friendly and quick.",
        "Had to explain everything twice.",
        "Still not solved, please call me back.",
        "I was transferred twice and then cut off.",
        "I waited far too long and it is still not solved.",
        "Nobody answered my e-mail, so I had to call again.",
        "I had to call again, please call me back.",
        "Still waiting, the parcel is not here.",
    ),
    "pt": (
        "Rápido e simpático, obrigado.",
        "O agente sabia o que fazer, obrigado.",
        "Resolvido logo, obrigado!",
        "Simpático e rápido.",
        "Rápido, já funciona.",
        "Tive de explicar tudo outra vez.",
        "Ainda não está resolvido.",
        "A chamada caiu outra vez.",
        "Esperei muito e não está resolvido.",
        "Ninguém respondeu.",
        "Tive de ligar outra vez.",
        "Ainda não chegou.",
    ),
    "ro": (
        "Rapid și amabil, mulțumesc.",
        "A știut ce să facă, mulțumesc.",
        "S-a rezolvat imediat, mulțumesc!",
        "Amabil și rapid.",
        "Rapid, acum merge.",
        "A trebuit să explic de două ori.",
        "Tot nu s-a rezolvat.",
        "S-a întrerupt din nou.",
        "Am așteptat mult și nu s-a rezolvat.",
        "Nu a răspuns nimeni.",
        "A trebuit să sun din nou.",
        "Tot nu a ajuns.",
    ),
    "es": (
        "Rápido y amable, gracias.",
        "Sabía qué hacer, gracias.",
        "Resuelto enseguida, ¡gracias!",
        "Amable y rápido.",
        "Rápido, ya funciona.",
        "Tuve que explicar todo otra vez.",
        "Sigue sin resolverse.",
        "Se cortó otra vez.",
        "Esperé mucho y sigue sin resolverse.",
        "Nadie respondió.",
        "Tuve que llamar otra vez.",
        "Todavía no ha llegado.",
    ),
}
"""What customers write, by language: as much in each, and in the same order."""
_GLAD = 5
"""How many of the comments, the first ones, are those of glad customers."""
_SAID_TOO = (
    *(
        f"My name is {name}."
        for name in ("Maria Silva", "John O'Brien", "Ana-Maria Popescu", "Lucía Fernández", "T. Novak")
    ),
    *(f"Thanks to {name} from the {team} team!" for name, team in (("Paul", "billing"), ("Andreea", "evening"))),
    "You can reach me at happy.customer@example.com if you need more.",
    "My e-mail: j.doe@example.com",
    "My number is 0555 010 199.",
    "Call me on +1 555 501 0123, please.",
    "It is about order 100234.",
    "I live at 12 Rua das Flores, Porto.",
)
"""What some of them add, of which nothing may be published: who they are, and how they can be reached."""
_ADDED = 0.4
_COMMENTED = 0.6
_WRITTEN = [
    f"{comment} {added}".strip() for comments in COMMENTS.values() for comment in comments for added in ("", *_SAID_TOO)
]
_SENT = 0.26
_ANSWERED = 0.3
_QUIET_TEAM = 5
"""The team of which fewer than five answer the employee surveys."""
_PULSE = 14 * DAY


def contact_surveys(world: World, traffic: Traffic, rng: Rng) -> Table:
    """Make the surveys sent after handled contacts, and their answers; some answer late, a few twice."""
    contacts, extract_at = traffic.contacts, world.period.extract_at
    asked = (contacts.agent != NULL) & (contacts.end != NULL) & (contacts.direction != INTERNAL)
    contact = np.flatnonzero(asked & chance(rng, _SENT, len(contacts)))
    # Some are asked twice.
    contact = np.sort(np.concatenate([contact, contact[chance(rng, 0.012, len(contact))]]))
    sent = contacts.end[contact] + rng.integers(60, 2 * HOUR, len(contact))
    contact, sent = contact[sent < extract_at], sent[sent < extract_at]
    size = len(contact)
    repeated = np.zeros(size, dtype=np.bool_)
    repeated[1:] = contact[1:] == contact[:-1]
    repeated[:-1] |= repeated[1:]
    resolved = contacts.is_resolving[contact]
    skill = world.agents.skill[contacts.agent[contact]]

    delay = np.exp(rng.normal(np.log(5.0 * HOUR), 1.4, size)).clip(30, 24 * DAY)
    late = chance(rng, 0.03, size)
    delay = np.where(late, rng.uniform(29 * DAY, 40 * DAY, size), delay)
    responded = sent + seconds(delay)
    answers = (chance(rng, _ANSWERED, size) | repeated) & (responded < extract_at)
    responded = np.where(answers, responded, NULL).astype(np.int32)

    mood = np.where(resolved, 0.9, -0.9) + 0.5 * skill + rng.normal(0.0, 0.8, size)

    def score(middle: float, step: float, least: int, most: int, skipped: float) -> Array:
        value = np.rint(middle + step * (mood + rng.normal(0.0, 0.35, size))).clip(least, most)
        return np.where(answers & ~chance(rng, skipped, size), value, NULL).astype(np.int8)

    says_resolved = resolved ^ chance(rng, 0.08, size)
    needed = np.where(says_resolved & ~chance(rng, 0.12, size), 1, 1 + rng.geometric(0.6, size)).clip(max=9)
    comments = answers & chance(rng, _COMMENTED, size)
    of_each = len(COMMENTS["en"])
    comment = np.where(mood > 0, rng.integers(0, _GLAD, size), _GLAD + rng.integers(0, of_each - _GLAD, size))
    region = np.where(contacts.person[contact] == NULL, 0, world.persons.region[contacts.person[contact]])
    language = np.where(region == 1, choose(rng, (0.9, 0, 0, 0.1), size), choose(rng, (0.3, 0.35, 0.3, 0.05), size))
    spoken = rng.spawn(1)[0]
    added = np.where(chance(spoken, _ADDED, size), spoken.integers(1, len(_SAID_TOO) + 1, size), 0)
    written = (language.astype(np.int32) * of_each + comment) * (len(_SAID_TOO) + 1) + added
    # What the survey tool notes as the agent; it does not always know.
    agent = np.where(chance(rng, 0.12, size), NULL, contacts.agent[contact])
    updated_at = np.where(answers, responded, sent).astype(np.int32)
    table = Table(
        "survey",
        "contact_surveys",
        {
            "survey_id": ids("V", np.arange(1, size + 1, dtype=np.int32), 8),
            "contact_id": contact_ids(contact),
            "agent_id": agent_ids(agent),
            "sent_at": instants(sent.astype(np.int32)),
            "responded_at": instants(responded),
            "csat_score": integers(score(4.05, 1.05, 1, 5, 0.04)),
            "nps_score": integers(score(8.3, 2.1, 0, 10, 0.10)),
            "ces_score": integers(score(5.3, 1.4, 1, 7, 0.15)),
            "ownership_score": integers(score(4.1, 0.9, 1, 5, 0.15)),
            "issue_resolved": booleans(np.where(answers & ~chance(rng, 0.05, size), says_resolved, NULL)),
            "contacts_needed": integers(np.where(answers & ~chance(rng, 0.1, size), needed, NULL).astype(np.int8)),
            "other_channels_used": booleans(
                np.where(answers & ~chance(rng, 0.15, size), chance(rng, 0.15, size), NULL)
            ),
            "comment": codes(np.where(comments, written, NULL).astype(np.int16), _WRITTEN),
            "language": codes(language.astype(np.int8), list(COMMENTS)),
            "updated_at": instants(updated_at),
        },
    )
    rows = np.flatnonzero(answers)[::30]
    earlier = table.take(rows)
    in_answers = (
        *(name for name in table.columns if name.endswith("_score")),
        "responded_at",
        "issue_resolved",
        "contacts_needed",
        "other_channels_used",
        "comment",
    )
    earlier = earlier.but(
        **{name: emptied(earlier.columns[name]) for name in in_answers},
        updated_at=earlier.columns["sent_at"],
    )
    return with_versions(table, earlier, some(table, 700, 350), updated_at, extract_at)


def employee_surveys(world: World, rng: Rng) -> Table:
    """Make the short surveys that every employee is sent every second Friday. No row says who answered."""
    period, teams = world.period, len(world.teams)
    first = period.first_week + 4 * DAY + 10 * HOUR
    if (period.days_since_monday // 7) % 2:
        first += 7 * DAY
    rounds = np.arange(first, max(first + 1, period.extract_at), _PULSE)
    members = np.bincount(world.agents.team, minlength=teams)
    team = np.tile(np.repeat(np.arange(teams), members), len(rounds))
    sent = np.repeat(rounds, int(members.sum()))
    known = (sent > period.grid_start) & (sent < period.extract_at)
    team, sent = team[known], sent[known]
    size = len(team)
    responded = sent + rng.integers(600, 4 * DAY, size)
    answers = chance(rng, 0.85, size) & (team != _QUIET_TEAM)
    quiet = np.flatnonzero(team == _QUIET_TEAM)
    answers[quiet[:3]] = True
    answers &= responded < period.extract_at
    mood = rng.normal(0.0, 1.0, size) + np.array([0.5, 0.2, 0.0, -0.4, 0.3, -0.2])[team % 6]
    site = np.array([team.site for team in world.teams], dtype=np.int8)
    updated_at = np.where(answers, responded, sent).astype(np.int32)
    table = Table(
        "survey",
        "employee_surveys",
        {
            "survey_id": ids("E", np.arange(1, size + 1, dtype=np.int32), 6),
            "team_id": codes(team.astype(np.int16), [team.id for team in world.teams]),
            "site_id": codes(site[team], [place.id for place in SITES]),
            "sent_at": instants(sent.astype(np.int32)),
            "responded_at": instants(np.where(answers, responded, NULL).astype(np.int32)),
            "enps_score": integers(np.where(answers, _scale(7.6 + 1.8 * mood, 0, 10), NULL).astype(np.int8)),
            "satisfaction_score": integers(np.where(answers, _scale(3.8 + 0.8 * mood, 1, 5), NULL).astype(np.int8)),
            "updated_at": instants(updated_at),
        },
    )
    return table.marked()


def _scale(values: Array, least: int, most: int) -> Array:
    return np.rint(values).clip(least, most)
