"""The extract of finance: operating_costs."""

import numpy as np

from simulator.acd import CLIENT_IDS
from simulator.arrays import NULL, Rng
from simulator.clock import DAY, EPOCH
from simulator.contacts import Traffic
from simulator.tables import Table, codes, dates, hundredths, ids, instants
from simulator.versions import some, with_versions
from simulator.world import CLIENTS, SITES, World

_CATEGORIES = ("salaries", "facilities", "telephony", "software")
_CATEGORY_SHARES = (0.72, 0.12, 0.09, 0.07)
_CENTS_PER_CONTACT = 560
_CENTRAL_CENTS_PER_CONTACT = 30
"""Software that no site bears."""
_CURRENCIES = ("EUR", "RON", "USD")
"""By site."""
_RATES = (1.0, 5.0, 1.1)
_BOOKED_AFTER = 33 * DAY
"""From the first of the month."""


def operating_costs(world: World, traffic: Traffic, rng: Rng) -> Table:
    """Make the costs of every month, by client, site and category, and some that no site bears."""
    period = world.period
    starts = np.array([month.toordinal() - EPOCH.date().toordinal() for month in period.months])
    month_of = np.searchsorted(starts * DAY, traffic.contacts.start, side="right") - 1
    queue_site = np.array([queue.site for queue in world.queues])
    queue_client = np.array([queue.client for queue in world.queues])
    rows: list[tuple[int, int, int, int, int]] = []
    for month in range(len(starts)):
        of_month = traffic.contacts.queue[month_of == month]
        for client in range(len(CLIENTS)):
            of_client = of_month[queue_client[of_month] == client]
            for site in range(len(SITES)):
                contacts = int((queue_site[of_client] == site).sum())
                for category, share in enumerate(_CATEGORY_SHARES):
                    cost = contacts * _CENTS_PER_CONTACT * share * _RATES[site]
                    cents = round(cost * float(rng.uniform(0.92, 1.08)))
                    if cents:
                        rows.append((month, client, site, category, cents))
            software = len(_CATEGORIES) - 1
            rows.append((month, client, NULL, software, _CENTRAL_CENTS_PER_CONTACT * len(of_client)))
    numbers = np.array(rows, dtype=np.int64)
    first, borne_by, booked = starts[numbers[:, 0]], numbers[:, 2], numbers[:, 4]
    updated_at = np.minimum(first * DAY + _BOOKED_AFTER, period.extract_at).astype(np.int32)
    table = Table(
        "finance",
        "operating_costs",
        {
            "cost_id": ids("K", np.arange(1, len(rows) + 1, dtype=np.int32), 5),
            "month": dates(first),
            "client_id": codes(numbers[:, 1], CLIENT_IDS),
            "site_id": codes(borne_by, [place.id for place in SITES]),
            "category": codes(numbers[:, 3], _CATEGORIES),
            "amount": hundredths(booked),
            "currency": codes(np.where(borne_by == NULL, 0, borne_by), _CURRENCIES),
            "updated_at": instants(updated_at),
        },
    )
    corrected = some(table, 17, 3)
    earlier = table.take(corrected).but(
        amount=hundredths(booked[corrected] * 9 // 10), updated_at=instants(updated_at[corrected] - DAY)
    )
    return with_versions(table, earlier, corrected[:0], updated_at, period.extract_at)
