"""C3, P5: steering learns of an edge's inventory by its changes, whatever restarts or is lost."""

import random
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.steering.fleet import says
from vitascope.edge import inventory as inventory_module
from vitascope.edge.inventory import MOST_NAMES, Inventory
from vitascope.edge.pace import Pace
from vitascope.edge.reporting import Reporter
from vitascope.kernel.clock import Clock, HeldClock
from vitascope.kernel.errors import Unavailable
from vitascope.kernel.ids import EdgeId
from vitascope.steering import EdgeReport, InventoryChange, InventoryMark
from vitascope.steering.memory import MemorySteering
from vitascope.steering.settings import SteeringSettings

EDGE = EdgeId("edge-a")


class Line:
    """To steering, counting what passes; it can be cut."""

    def __init__(self, steering: MemorySteering) -> None:
        self.steering = steering
        self.sizes: list[int] = []
        self.changes: list[InventoryChange] = []
        self.cut_after = -1  # changes

    async def report(self, report: EdgeReport) -> InventoryMark:
        self.sizes.append(len(msgspec.msgpack.encode(report)))
        return await self.steering.report(report)

    async def change_inventory(self, change: InventoryChange) -> InventoryMark:
        if self.cut_after == 0:
            raise Unavailable("cut")
        self.cut_after -= 1
        self.sizes.append(len(msgspec.msgpack.encode(change)))
        self.changes.append(change)
        return await self.steering.change_inventory(change)


def steering_of(clock: Clock) -> MemorySteering:
    return MemorySteering(clock=clock, settings=SteeringSettings())


def reporter(line: Line, inventory: Inventory, clock: Clock) -> Reporter:
    def report() -> EdgeReport:
        return says(EDGE, inventory=inventory.mark, held=len(inventory))

    return Reporter(line, report, inventory, clock, Pace(2.0, 5.0))


def known(steering: MemorySteering) -> set[str]:
    edge = steering._edges[EDGE]
    return set(steering._index.held(edge.number, edge.areas))


@pytest.fixture
def steering(clock: HeldClock) -> MemorySteering:
    return steering_of(clock)


@pytest.fixture
def inventory() -> Inventory:
    made = Inventory()
    for number in range(1200):
        made.hold(f"ast_{number}/v1")
    return made


async def test_an_edge_is_told_of_whole_and_in_parts_that_are_not_large(
    steering: MemorySteering, inventory: Inventory, clock: HeldClock
) -> None:
    line = Line(steering)
    await reporter(line, inventory, clock).tell()
    assert known(steering) == set(inventory)
    assert [len(change.added) for change in line.changes] == [MOST_NAMES, MOST_NAMES, 200]
    assert max(line.sizes) < 32_000


async def test_what_is_known_is_not_told_again(
    steering: MemorySteering, inventory: Inventory, clock: HeldClock
) -> None:
    line = Line(steering)
    edge = reporter(line, inventory, clock)
    await edge.tell()
    line.changes, line.sizes = [], []
    for _ in range(5):
        await edge.tell()
    assert line.changes == []
    assert max(line.sizes) < 400, "a report of how the edge is, however much it holds"
    inventory.drop("ast_7/v1")
    inventory.hold("ast_new/v1")
    await edge.tell()
    assert [(c.added, c.removed, c.after) for c in line.changes] == [
        (("ast_new/v1",), ("ast_7/v1",), 1200)
    ]
    assert known(steering) == set(inventory)


async def test_steering_that_starts_anew_is_told_everything(
    inventory: Inventory, clock: HeldClock
) -> None:
    first, second = Line(steering_of(clock)), Line(steering_of(clock))
    await reporter(first, inventory, clock).tell()
    inventory.drop("ast_7/v1")
    await reporter(second, inventory, clock).tell()
    assert known(second.steering) == set(inventory)


async def test_an_edge_that_restarts_is_told_of_anew_and_what_it_lost_is_gone(
    steering: MemorySteering, inventory: Inventory, clock: HeldClock
) -> None:
    line = Line(steering)
    await reporter(line, inventory, clock).tell()
    again = Inventory()
    for number in range(5, 1300):
        again.hold(f"ast_{number}/v1")
    restarted = reporter(line, again, clock)
    line.cut_after = 1
    with pytest.raises(Unavailable):
        await restarted.tell()
    assert known(steering) == set(inventory), "until all is told, what was known holds"
    line.cut_after = -1
    await restarted.tell()
    assert known(steering) == set(again)


async def test_who_missed_more_than_is_remembered_is_told_everything(
    steering: MemorySteering,
    inventory: Inventory,
    clock: HeldClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inventory_module, "_MOST_DROPPED", 10)
    line = Line(steering)
    edge = reporter(line, inventory, clock)
    await edge.tell()
    for number in range(30):
        inventory.drop(f"ast_{number}/v1")
    await edge.tell()
    assert known(steering) == set(inventory)


async def test_a_change_heard_twice_or_too_early_changes_nothing(
    steering: MemorySteering, clock: HeldClock
) -> None:
    def change(
        after: int, upto: int, *added: str, removed: tuple[str, ...] = ()
    ) -> InventoryChange:
        return InventoryChange(
            edge_id=EDGE, run="r", after=after, upto=upto, added=added, removed=removed
        )

    await steering.report(says(EDGE))
    await steering.change_inventory(change(0, 2, "a/v", "b/v"))
    early = await steering.change_inventory(change(5, 6, "f/v"))
    assert (early.number, known(steering)) == (2, {"a/v", "b/v"})
    await steering.change_inventory(change(2, 3, removed=("a/v",)))
    late = await steering.change_inventory(change(1, 2, "a/v"))
    assert (late.number, known(steering)) == (3, {"b/v"})
    foreign = InventoryChange(edge_id=EDGE, run="other", after=3, upto=4, added=("x/v",))
    assert (await steering.change_inventory(foreign)).run == "r"
    assert known(steering) == {"b/v"}
    nobody = msgspec.structs.replace(change(0, 1, "a/v"), edge_id=EdgeId("edge-nobody"))
    assert await steering.change_inventory(nobody) == InventoryMark()


async def test_an_edge_that_moves_to_another_country_is_found_there_alone(
    steering: MemorySteering, inventory: Inventory, clock: HeldClock
) -> None:
    await reporter(Line(steering), inventory, clock).tell()
    mark = await steering.report(says(EDGE, country="DE", inventory=inventory.mark))
    assert mark == InventoryMark(), "it is asked for its inventory anew"
    assert known(steering) == set()
    world = steering._edges[EDGE].areas[-1]
    assert len(steering._index.holders(world, "ast_1/v1")) == 0


STEPS = st.lists(
    st.sampled_from(["hold", "drop", "tell", "cut", "restart edge", "restart steering"]),
    max_size=60,
)


@given(steps=STEPS, chance=st.randoms(use_true_random=False))
async def test_whatever_happens_steering_knows_all_after_the_next_report(
    steps: list[str], chance: random.Random
) -> None:
    clock = HeldClock()
    inventory, line = Inventory(), Line(steering_of(clock))
    names = [f"ast_{number}/v1" for number in range(8)]
    does: dict[str, Callable[[], None]] = {
        "hold": lambda: inventory.hold(chance.choice(names)),
        "drop": lambda: inventory.drop(chance.choice(names)),
    }
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(inventory_module, "MOST_NAMES", 2)
        patched.setattr(inventory_module, "_MOST_DROPPED", 3)
        for step in steps:
            if step in does:
                does[step]()
            elif step == "restart edge":
                held, inventory = set(inventory), Inventory()
                for prefix in sorted(held):
                    inventory.hold(prefix)
            elif step == "restart steering":
                line = Line(steering_of(clock))
            else:
                line.cut_after = 1 if step == "cut" else -1
                try:
                    await reporter(line, inventory, clock).tell()
                except Unavailable:
                    continue
                assert known(line.steering) == set(inventory)
        line.cut_after = -1
        await reporter(line, inventory, clock).tell()
    assert known(line.steering) == set(inventory)
