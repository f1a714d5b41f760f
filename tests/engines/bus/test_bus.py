"""G4: the bus port over every database: announced exactly when committed, heard in order by key."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest
from sqlalchemy import text

from tests.clocks import PATIENT_S
from tests.conftest import OpenRows
from tests.engines.bus.conftest import Left, MakeBus, Moved, Place
from vitascope.engines.bus import DeadLetter, first_time
from vitascope.engines.bus.rows import MIGRATIONS, RowsBus
from vitascope.engines.rows import Connection
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import NotFound
from vitascope.kernel.events import Envelope, Event


class Listener:
    """Remembers what it heard, and fails when told to."""

    def __init__(self) -> None:
        self.heard: list[Event] = []
        self.envelopes: list[Envelope] = []
        self.refuses: set[str] = set()
        self.failures_left = 0

    async def __call__(self, event: Event, envelope: Envelope) -> None:
        if envelope.key in self.refuses:
            raise ValueError("not this one")
        if self.failures_left:
            self.failures_left -= 1
            raise ValueError("not now")
        self.heard.append(event)
        self.envelopes.append(envelope)

    def steps(self, who: str) -> list[int]:
        return [e.step for e in self.heard if isinstance(e, Moved) and e.who == who]


async def test_a_group_hears_what_was_committed_and_nothing_else(
    bus: RowsBus, place: Place
) -> None:
    listener = Listener()
    bus.subscribe("watchers", [Moved], listener)
    await place.announce(Moved(who="a", step=1), Left(who="a"))
    with pytest.raises(ValueError, match="changed my mind"):
        await place.announce(Moved(who="a", step=2), fail=True)
    await bus.drain()
    assert listener.heard == [Moved(who="a", step=1)]
    assert await place.left_in_outbox() == 0


async def test_events_of_a_key_keep_their_order_and_every_group_hears_all(
    bus: RowsBus, place: Place
) -> None:
    first, second = Listener(), Listener()
    bus.subscribe("first", [Moved], first)
    bus.subscribe("second", [Moved], second)
    for step in range(30):
        await place.announce(*(Moved(who=who, step=step) for who in "abc"))
    await bus.drain()
    for listener in (first, second):
        assert all(listener.steps(who) == list(range(30)) for who in "abc")
    ids = [envelope.id for envelope in first.envelopes]
    assert len(set(ids)) == 90


async def test_a_handler_that_fails_for_a_while_hears_in_order_all_the_same(
    bus: RowsBus, place: Place
) -> None:
    listener = Listener()
    listener.failures_left = 3
    bus.subscribe("watchers", [Moved], listener)
    await place.announce(*(Moved(who="a", step=step) for step in range(5)))
    await bus.drain()
    assert listener.steps("a") == list(range(5))
    assert await bus.dead_letters("watchers") == []


async def test_what_never_succeeds_is_a_dead_letter_and_other_keys_go_on(
    bus: RowsBus, place: Place
) -> None:
    listener = Listener()
    listener.refuses.add("bad")
    bus.subscribe("watchers", [Moved], listener, attempts=3)
    await place.announce(Moved(who="bad", step=1), Moved(who="good", step=1))
    await bus.drain()
    assert listener.steps("good") == [1]
    (letter,) = await bus.dead_letters("watchers")
    assert (letter.envelope.key, letter.attempts) == ("bad", 3)
    assert letter.error == "ValueError: not this one"
    await bus.drain()
    assert len(await bus.dead_letters("watchers")) == 1


async def test_a_dead_letter_is_heard_when_replayed_after_the_repair(
    bus: RowsBus, place: Place
) -> None:
    listener = Listener()
    listener.refuses.add("bad")
    bus.subscribe("watchers", [Moved], listener, attempts=2)
    await place.announce(Moved(who="bad", step=1))
    await bus.drain()
    (letter,) = await bus.dead_letters("watchers")
    await bus.replay("watchers", letter.envelope.id)  # not repaired yet: it dies again
    await bus.drain()
    assert [again.envelope.id for again in await bus.dead_letters("watchers")] == [
        letter.envelope.id
    ]
    listener.refuses.clear()
    await bus.replay("watchers", letter.envelope.id)
    await bus.drain()
    assert listener.steps("bad") == [1]
    assert await bus.dead_letters("watchers") == []
    with pytest.raises(NotFound):
        await bus.replay("watchers", letter.envelope.id)


async def test_a_letter_read_before_it_was_heard_again_is_not_heard_twice(
    bus: RowsBus, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look for letters reads one whose replay ends before the look does."""
    progress = bus._groups._progress
    listener, read_twice, read = Listener(), asyncio.Event(), progress.to_replay
    repaired = False

    async def handler(event: Event, envelope: Envelope) -> None:
        if not repaired:
            raise ValueError("not yet")
        await read_twice.wait()
        await listener(event, envelope)

    async def late(groups: Sequence[str], limit: int) -> list[DeadLetter]:
        letters = await read(groups, limit)
        if letters and not looked:
            looked.append(1)
            await bus.replay("watchers", letter.envelope.id)  # has it looked for once more
        elif letters:
            read_twice.set()
            while await bus.dead_letters("watchers"):
                await asyncio.sleep(0.01)
        return letters

    bus.subscribe("watchers", [Moved], handler, attempts=1)
    await place.announce(Moved(who="bad", step=1))
    await bus.drain()
    (letter,) = await bus.dead_letters("watchers")
    looked: list[int] = []
    repaired = True
    monkeypatch.setattr(progress, "to_replay", late)
    running = asyncio.create_task(bus.run())
    async with asyncio.timeout(PATIENT_S):
        await bus.replay("watchers", letter.envelope.id)
        await read_twice.wait()
        while await bus.dead_letters("watchers"):
            await asyncio.sleep(0.01)
        await place.announce(Moved(who="bad", step=2))
        while 2 not in listener.steps("bad"):
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert listener.steps("bad") == [1, 2]


async def test_a_dead_letter_that_its_group_no_longer_hears_stays_one(
    bus: RowsBus, make_bus: MakeBus, place: Place
) -> None:
    """It is waited for by nobody, and says why."""
    after = await make_bus()
    listener = Listener()
    listener.refuses.add("bad")
    bus.subscribe("watchers", [Moved], listener, attempts=1)
    await place.announce(Moved(who="bad", step=1))
    await bus.drain()
    (letter,) = await bus.dead_letters("watchers")
    after.subscribe("watchers", [Left], listener)
    await after.replay("watchers", letter.envelope.id)
    async with asyncio.timeout(PATIENT_S):
        await after.drain()
    (still,) = await after.dead_letters("watchers")
    assert still.envelope.id == letter.envelope.id
    assert still.error == "watchers does not hear Moved any more."


async def test_a_slow_key_does_not_hold_up_the_others(bus: RowsBus, place: Place) -> None:
    release = asyncio.Event()
    quick: list[str] = []

    async def handler(event: Event, envelope: Envelope) -> None:
        if envelope.key == "slow":
            await release.wait()
        quick.append(envelope.key)

    bus.subscribe("watchers", [Moved], handler)
    await place.announce(Moved(who="slow", step=1), *(Moved(who=f"k{n}", step=1) for n in range(9)))
    draining = asyncio.create_task(bus.drain())
    async with asyncio.timeout(PATIENT_S):
        while len(quick) < 9:
            await asyncio.sleep(0.01)
    assert not draining.done()
    release.set()
    await draining
    assert quick[-1] == "slow"


async def test_events_that_handlers_announce_are_drained_too(bus: RowsBus, place: Place) -> None:
    listener = Listener()

    async def pass_on(event: Event, envelope: Envelope) -> None:
        await place.announce(Left(who=envelope.key))

    bus.subscribe("chain", [Moved], pass_on)
    bus.subscribe("end", [Left], listener)
    await place.announce(Moved(who="a", step=1))
    await bus.drain()
    assert listener.heard == [Left(who="a")]


async def test_a_running_bus_delivers_within_a_moment_of_the_commit(
    bus: RowsBus, place: Place
) -> None:
    heard = asyncio.Event()

    async def handler(event: Event, envelope: Envelope) -> None:
        heard.set()

    bus.subscribe("watchers", [Moved], handler)
    running = asyncio.create_task(bus.run())
    await bus.drain()
    await place.announce(Moved(who="a", step=1))
    await asyncio.wait_for(heard.wait(), PATIENT_S)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_the_relay_that_died_after_copying_announces_nothing_twice(
    bus: RowsBus, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place.announce(Moved(who="a", step=1), Moved(who="a", step=2))

    async def dies(*_: object) -> None:
        raise SystemError("killed between the two commits")

    with monkeypatch.context() as patch:
        patch.setattr(place.outbox, "carried", dies)
        with pytest.raises((SystemError, ExceptionGroup)):
            await bus.drain()
    assert await place.left_in_outbox() == 2
    listener = Listener()  # hears all there is; an older one may hear again what was cut off
    bus.subscribe("watchers", [Moved], listener)
    await bus.drain()
    assert listener.steps("a") == [1, 2]
    assert await place.left_in_outbox() == 0


async def test_one_process_delivers_at_a_time_and_another_takes_over(
    make_bus: MakeBus, bus: RowsBus, place: Place, clock: HeldClock
) -> None:
    ours, theirs = Listener(), Listener()
    other = await make_bus()
    bus.subscribe("watchers", [Moved], ours)
    other.subscribe("watchers", [Moved], theirs)
    running = asyncio.create_task(bus.run())
    await place.announce(Moved(who="a", step=1))
    await bus.drain()
    other_running = asyncio.create_task(other.run())
    await place.announce(Moved(who="a", step=2))
    await bus.drain()
    assert (ours.steps("a"), theirs.steps("a")) == ([1, 2], [])
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await place.announce(Moved(who="a", step=3))
    other.outbox("place", place.rows)
    await asyncio.wait_for(other.drain(), PATIENT_S)
    assert theirs.steps("a") == [3]
    other_running.cancel()
    with suppress(asyncio.CancelledError):
        await other_running


async def test_what_a_process_had_in_hand_when_it_went_is_heard_by_the_next(
    make_bus: MakeBus, bus: RowsBus, place: Place
) -> None:
    """However far the group has heard of other keys meanwhile."""
    begun, passed = asyncio.Event(), asyncio.Event()

    async def handler(event: Event, envelope: Envelope) -> None:
        if envelope.key != "a":
            passed.set()
            return
        begun.set()
        await asyncio.Event().wait()

    bus.subscribe("watchers", [Moved], handler)
    running = asyncio.create_task(bus.run())
    for who, heard in (("a", begun), ("b", passed)):
        await place.announce(Moved(who=who, step=1))
        await asyncio.wait_for(heard.wait(), PATIENT_S)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    heir, other = Listener(), await make_bus()
    other.subscribe("watchers", [Moved], heir)
    await asyncio.wait_for(other.drain(), PATIENT_S)
    assert heir.steps("a") == [1]


async def test_one_listener_counts_a_repeated_event_once(bus: RowsBus, place: Place) -> None:
    fresh: list[bool] = []

    async def handler(event: Event, envelope: Envelope) -> None:
        for _ in range(2):
            first = await place.rows.write(lambda c: first_time(c, "watchers", envelope))
            fresh.append(first)

    bus.subscribe("watchers", [Moved], handler)
    await place.announce(Moved(who="a", step=1))
    await bus.drain()
    assert fresh == [True, False]


async def test_a_group_hears_a_type_by_one_handler_only(bus: RowsBus) -> None:
    bus.subscribe("watchers", [Moved], Listener())
    with pytest.raises(ValueError, match="hears Moved already"):
        bus.subscribe("watchers", [Moved], Listener())


# -- local listeners


async def test_every_process_overhears_what_happens_from_then_on(
    make_bus: MakeBus, bus: RowsBus, place: Place
) -> None:
    await place.announce(Moved(who="a", step=1))
    await bus.drain()
    here, there, group = Listener(), Listener(), Listener()
    other = await make_bus()
    for each, listener in ((bus, here), (other, there)):
        await each.overhear([Moved], listener)
        each.subscribe("group", [Moved], group)
    await place.announce(Moved(who="a", step=2), Left(who="a"), Moved(who="a", step=3))
    await bus.drain()
    await other.drain()
    assert here.steps("a") == there.steps("a") == [2, 3]
    assert group.steps("a") == [1, 2, 3]  # each of them once, here or there


async def test_a_local_listener_tries_again_and_steps_over_what_it_will_not_hear(
    bus: RowsBus, place: Place
) -> None:
    listener = Listener()
    await bus.overhear([Moved], listener)
    listener.failures_left = 2
    listener.refuses = {"b"}
    await place.announce(*(Moved(who=who, step=1) for who in "abc"))
    await bus.drain()
    assert listener.heard == [Moved(who="a", step=1), Moved(who="c", step=1)]


async def test_a_local_listener_leaves_no_place_that_the_log_would_be_kept_for(
    bus: RowsBus, place: Place, open_rows: OpenRows
) -> None:
    bus_rows = await open_rows("bus", migrations=[MIGRATIONS])
    await bus.overhear([Moved], Listener())
    bus.subscribe("group", [Moved], Listener())
    await place.announce(Moved(who="a", step=1))
    await bus.drain()

    def names(connection: Connection) -> list[str]:
        return list(connection.scalars(text("SELECT name FROM listeners")))

    assert await bus_rows.read(names) == ["group"]
