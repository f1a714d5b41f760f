"""Batches: a handler takes what has gathered, and nothing of what a group promises is lost."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from tests.clocks import PATIENT_S
from tests.engines.bus.conftest import HASTY, MakeBus, Moved, Place
from vitascope.engines.bus.rows import RowsBus
from vitascope.kernel.events import Envelope, Event

News = Sequence[tuple[Event, Envelope]]


class BatchListener:
    """Remembers the batches it was offered, and fails on what it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[Moved]] = []
        self.heard: list[Moved] = []
        self.refuses: set[str] = set()

    async def __call__(self, news: News) -> None:
        batch = [event for event, _ in news if isinstance(event, Moved)]
        self.batches.append(batch)
        await asyncio.sleep(0)
        if self.refuses & {event.who for event in batch}:
            raise ValueError("not this one")
        self.heard += batch

    def steps(self, who: str) -> list[int]:
        return [event.step for event in self.heard if event.who == who]


async def announced(bus: RowsBus, place: Place, *events: Event) -> None:
    """In the log, before anybody listens."""
    await place.announce(*events)
    await bus.drain()


async def test_what_has_gathered_is_heard_in_one_batch(bus: RowsBus, place: Place) -> None:
    keys = [f"key {n}" for n in range(HASTY.batch)]
    await announced(bus, place, *(Moved(who=who, step=1) for who in keys))
    listener = BatchListener()
    bus.subscribe_batches("watchers", [Moved], listener)
    await bus.drain()
    assert [len(batch) for batch in listener.batches] == [HASTY.batch]
    assert [event.who for event in listener.heard] == keys


async def test_the_order_of_a_key_holds_from_batch_to_batch(bus: RowsBus, place: Place) -> None:
    events = [Moved(who=who, step=step) for step in range(5) for who in "abc"]
    await announced(bus, place, *events)
    listener = BatchListener()
    bus.subscribe_batches("watchers", [Moved], listener)
    await bus.drain()
    assert all(listener.steps(who) == list(range(5)) for who in "abc")
    for batch in listener.batches:
        assert len({event.who for event in batch}) == len(batch)
    assert len(listener.batches) == 5


async def test_only_the_event_at_fault_is_a_dead_letter_and_can_be_replayed(
    bus: RowsBus, place: Place
) -> None:
    keys = [f"key {n}" for n in range(100)]
    await announced(bus, place, *(Moved(who=who, step=1) for who in keys))
    listener = BatchListener()
    listener.refuses.add("key 41")
    bus.subscribe_batches("watchers", [Moved], listener, attempts=3)
    await bus.drain()
    assert sorted(event.who for event in listener.heard) == sorted({*keys} - {"key 41"})
    (letter,) = await bus.dead_letters("watchers")
    assert (letter.envelope.key, letter.attempts) == ("key 41", 3)
    assert letter.error == "ValueError: not this one"
    assert len(listener.batches) < 25, "it is searched for by halves"
    listener.refuses.clear()
    await bus.replay("watchers", letter.envelope.id)
    await bus.drain()
    assert listener.steps("key 41") == [1]
    assert await bus.dead_letters("watchers") == []


async def test_a_batch_in_hand_when_its_process_went_is_heard_by_the_next(
    make_bus: MakeBus, bus: RowsBus, place: Place
) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def handler(news: News) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    await announced(bus, place, *(Moved(who=who, step=1) for who in "abc"))
    bus.subscribe_batches("watchers", [Moved], handler)
    running = asyncio.create_task(bus.run())
    await asyncio.wait_for(begun.wait(), PATIENT_S)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert ended.is_set(), "it goes on beside its successor"
    heir, other = BatchListener(), await make_bus()
    other.subscribe_batches("watchers", [Moved], heir)
    await asyncio.wait_for(other.drain(), PATIENT_S)
    assert sorted(event.who for event in heir.heard) == ["a", "b", "c"]


async def test_events_that_come_while_a_batch_is_handled_are_the_next_one(
    bus: RowsBus, place: Place
) -> None:
    release, sizes = asyncio.Event(), list[int]()

    async def handler(news: News) -> None:
        sizes.append(len(news))
        if len(sizes) == 1:
            for n in range(20):
                await place.announce(Moved(who=f"later {n}", step=1))
            await release.wait()

    await announced(bus, place, Moved(who="first", step=1))
    bus.subscribe_batches("watchers", [Moved], handler)
    draining = asyncio.create_task(bus.drain())
    async with asyncio.timeout(PATIENT_S):
        while not sizes or await place.left_in_outbox():
            await asyncio.sleep(0.01)
    release.set()
    await draining
    assert sizes[0] == 1
    assert sum(sizes) == 21


async def test_a_local_listener_hears_what_has_gathered_at_once_and_skips_the_event_at_fault(
    bus: RowsBus, place: Place
) -> None:
    listener = BatchListener()
    await bus.overhear_batches([Moved], listener)
    keys = [f"key {n // 2}" for n in range(100)]  # two events of each
    for refused, heard in ((set[str](), 100), ({"key 7"}, 98)):
        listener.refuses = refused
        listener.batches, listener.heard = [], []
        await place.announce(*(Moved(who=who, step=n) for n, who in enumerate(keys)))
        await bus.drain()
        assert len(listener.heard) == heard
        assert len(listener.batches) < 30
        assert [e.step for e in listener.heard] == sorted(e.step for e in listener.heard)
