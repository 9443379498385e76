"""The reference extracts: clients, sites, teams, queues and reasons."""

import numpy as np

from simulator.acd import CLIENT_IDS
from simulator.arrays import NULL, Array
from simulator.clock import DAY
from simulator.tables import Table, hundredths, instants, integers, texts
from simulator.world import CHANNELS, CLIENTS, REASONS, SITES, World

_PROMISES_ANEW = "mobile-voice-us"


def tables(world: World) -> list[Table]:
    """Make the tables of the source reference."""
    teams = world.teams
    parts = {
        "clients": {
            "client_id": texts(CLIENT_IDS),
            "client_name": texts([client.name for client in CLIENTS]),
            "industry": texts([client.industry for client in CLIENTS]),
        },
        "sites": {
            "site_id": texts([site.id for site in SITES]),
            "site_name": texts([site.name for site in SITES]),
            "timezone": texts([site.timezone for site in SITES]),
        },
        "teams": {
            "team_id": texts([team.id for team in teams]),
            "team_name": texts([team.name for team in teams]),
            "site_id": texts([SITES[team.site].id for team in teams]),
            "supervisor": texts([f"Supervisor {number:02d}" for number in range(1, len(teams) + 1)]),
        },
        "contact_reasons": {
            "reason_code": texts([reason.code for reason in REASONS]),
            "reason_name": texts([reason.name for reason in REASONS]),
            "category": texts([reason.category for reason in REASONS]),
        },
    }
    tables = [Table("reference", name, columns) for name, columns in parts.items()]
    return [table.marked() for table in (*tables, _queues(world))]


def _queues(world: World) -> Table:
    """Make the queues; of one kind the promise is another one from the second half of the period on."""
    queues, size = world.queues, len(world.queues)
    promising = [index for index, queue in enumerate(queues) if queue.id.startswith(_PROMISES_ANEW)]
    listed = [*queues, *(queues[index]._replace(service_level_seconds=30) for index in promising)]
    since = np.full(len(listed), NULL, dtype=np.int32)
    since[size:] = world.period.grid_start + DAY * (1 + world.period.days // 2)
    return Table(
        "reference",
        "queues",
        {
            "queue_id": texts([queue.id for queue in listed]),
            "queue_name": texts([queue.name for queue in listed]),
            "client_id": texts([CLIENT_IDS[queue.client] for queue in listed]),
            "site_id": texts([SITES[queue.site].id for queue in listed]),
            "channel": texts([None if queue.channel is None else CHANNELS[queue.channel] for queue in listed]),
            "service_level_seconds": integers(_settings([queue.service_level_seconds for queue in listed])),
            "service_level_target": hundredths(_settings([queue.service_level_target for queue in listed])),
            "short_abandon_seconds": integers(_settings([queue.short_abandon_seconds for queue in listed])),
            "effective_from": instants(since),
        },
    )


def _settings(values: list[int | None]) -> Array:
    return np.array([NULL if value is None else value for value in values], dtype=np.int32)
