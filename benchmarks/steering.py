"""P5: what a ranking costs with 17, 1,700 and 17,000 edges, and what edges' reports weigh.

The fleet is that of the tests (`tests/steering/fleet.py`). The reference of the same run is the
rule as a sort of all edges (`tests/steering/full_scan.py`), which the tests compare the index with.

    python benchmarks/steering.py [-n RANKINGS]
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Callable

import msgspec

from tests.steering import fleet
from tests.steering.full_scan import Standing, full_scan
from vitascope.edge.inventory import Inventory
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import EdgeId
from vitascope.steering import InventoryMark, NoEdge, Where
from vitascope.steering.memory import MemorySteering

SIZES = (17, 1700, 17_000)
TARGET_US = 100.0
TITLES = 15_000


async def ranking_us(steering: MemorySteering, viewers: list[Where]) -> list[float]:
    took = []
    for where in viewers:
        begun = time.perf_counter_ns()
        try:
            await steering.rank(where)
        except NoEdge:
            continue
        took.append((time.perf_counter_ns() - begun) / 1000)
    return sorted(took)


def scan_us(count: int, viewers: list[Where]) -> float:
    """The median of the reference."""
    edges = [
        Standing(report=report, holds=frozenset(held)) for report, held in fleet.reports(count)
    ]
    return statistics.median(
        _us(
            lambda where=where: full_scan(  # type: ignore[misc]
                edges, where, fleet.ADDRESSES.get(where.address), full_share=0.9, lend=False
            )
        )
        for where in viewers
    )


def _us(work: Callable[[], object]) -> float:
    begun = time.perf_counter_ns()
    work()
    return (time.perf_counter_ns() - begun) / 1000


def report_bytes() -> tuple[int, int, int]:
    """Of one report, of one change, and of a whole inventory of 15,000 titles."""
    inventory = Inventory()
    for number in range(TITLES):
        inventory.hold(f"ast_{number:026d}/{number:016x}")
    edge_id = EdgeId("edge-1")
    report = fleet.says("edge-1", held=TITLES, inventory=inventory.mark)
    known, whole = InventoryMark(), 0
    while known != inventory.mark:
        change = inventory.since(known, edge_id, going_on=whole > 0)
        whole += len(msgspec.msgpack.encode(change))
        known = InventoryMark(run=change.run, number=change.upto)
    inventory.drop(next(iter(inventory)))
    one = inventory.since(known, edge_id)
    return len(msgspec.msgpack.encode(report)), len(msgspec.msgpack.encode(one)), whole


async def main(rankings: int) -> None:
    print(f"load average {os.getloadavg()[0]:.1f}")
    medians: dict[int, float] = {}
    for count in SIZES:
        took = await ranking_us(await fleet.fleet(count, HeldClock()), fleet.viewers(rankings))
        medians[count] = statistics.median(took)
        scan = scan_us(count, fleet.viewers(max(5, 20_000 // count)))
        print(
            f"{count:6} edges: median {medians[count]:6.1f} us, p95 "
            f"{took[int(len(took) * 0.95)]:6.1f} us, {medians[count] / medians[SIZES[0]]:.2f} x "
            f"that of {SIZES[0]}; a sort of all {scan:9.1f} us, {scan / medians[count]:.0f} x"
        )
    print(f"target: below {TARGET_US:.0f} us at {SIZES[-1]} edges")
    report, change, whole = report_bytes()
    print(
        f"{TITLES} titles held: a report {report} bytes, a change {change} bytes, the whole "
        f"inventory {whole} bytes, once; report and inventory together were sent every 2 s"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=2000)
    asyncio.run(main(parser.parse_args().n))
