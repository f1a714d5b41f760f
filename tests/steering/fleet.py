"""Edges by the thousand, for tests and for the benchmark."""

import random
from collections.abc import Sequence
from typing import Any

from vitascope.kernel.clock import Clock
from vitascope.kernel.country import Country
from vitascope.kernel.ids import EdgeId
from vitascope.steering import EdgeReport, InventoryChange, InventoryMark, Where
from vitascope.steering.memory import MemorySteering
from vitascope.steering.settings import SteeringSettings

COUNTRIES = tuple(Country(code) for code in ("FR", "DE", "US", "BR", "IN", "JP", "ZA", "AU"))
NETWORKS = tuple(f"AS{number}" for number in range(1, 41))
TITLES = tuple(f"ast_{number}/v1" for number in range(1000))
ADDRESSES = {f"192.0.2.{at}": network for at, network in enumerate(NETWORKS)}


def says(name: str, **changes: Any) -> EdgeReport:
    said: dict[str, Any] = {
        "edge_id": EdgeId(name),
        "base_url": f"http://{name}.localhost",
        "country": COUNTRIES[0],
        "capacity_mbps": 1000,
        "load_mbps": 0.0,
        "streams": 0,
        "disk_bytes": 1,
        "disk_used_bytes": 0,
    }
    return EdgeReport(**(said | changes))


def holding(name: str, *prefixes: str) -> InventoryChange:
    """The whole of what an edge holds, told at once."""
    return InventoryChange(
        edge_id=EdgeId(name), run="run", after=0, upto=len(prefixes), added=prefixes
    )


async def hear(steering: MemorySteering, report: EdgeReport, *prefixes: str) -> None:
    """An edge reports, and tells what it holds."""
    await steering.report(report)
    await steering.change_inventory(holding(report.edge_id, *prefixes))


async def fleet(count: int, clock: Clock, *, held: int = 30, seed: int = 7) -> MemorySteering:
    """Steering that knows `count` edges in eight countries: half in one of forty networks, the
    others open to all; at every load, each holding `held` of a thousand titles, popular ones more
    often."""
    steering = MemorySteering(
        clock=clock, settings=SteeringSettings(silence_s=1e9), network_of=ADDRESSES.get
    )
    for report, prefixes in reports(count, held=held, seed=seed):
        await hear(steering, report, *prefixes)
    return steering


def reports(
    count: int, *, held: int = 30, seed: int = 7
) -> Sequence[tuple[EdgeReport, tuple[str, ...]]]:
    chance = random.Random(seed)
    return [
        (
            says(
                f"edge-{number}",
                country=chance.choice(COUNTRIES),
                isp=chance.choice(NETWORKS) if chance.random() < 0.5 else None,
                load_mbps=chance.uniform(0, 1000),
                inventory=InventoryMark(run="run", number=held),
            ),
            tuple({TITLES[int(1000 * chance.random() ** 2)] for _ in range(held)}),
        )
        for number in range(count)
    ]


def viewers(count: int, seed: int = 11) -> list[Where]:
    chance = random.Random(seed)
    addresses = [*ADDRESSES, *["198.51.100.1"] * len(ADDRESSES)]  # half of a network not known
    return [
        Where(
            country=chance.choice(COUNTRIES),
            address=chance.choice(addresses),
            wants=TITLES[int(1000 * chance.random() ** 2)],
            viewer_key=f"ses_{number}",
        )
        for number in range(count)
    ]
