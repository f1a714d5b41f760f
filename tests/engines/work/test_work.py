"""The port `work`, over every adapter, with worker processes that are really killed. (I2)"""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.engines.work.hands import ROOT, Gates, Hands, until, until_in
from tests.engines.work.work_process import (
    FAMILY,
    FICKLE,
    WALK,
    Family,
    Fickle,
    Walk,
)
from vitascope.engines.work import (
    NoSuchWork,
    Priority,
    StepFailed,
    WorkNotRetryable,
    WorkState,
)
from vitascope.engines.work.dbos import DbosWork
from vitascope.engines.work.dbos_database import ITEMS, WorkDatabase

pytestmark = pytest.mark.long

IMPATIENT_S = 1.0  # for hands that see only dead ones beside them: a living one may be slow, too


async def test_work_is_started_once_and_watched_to_its_end(work: DbosWork, hands: Hands) -> None:
    await work.start(WALK, Walk(steps=2), id="w", priority=Priority.NEW_RELEASE)
    await work.start(WALK, Walk(steps=9), id="w")
    waiting = await work.status("w")
    assert waiting is not None
    assert (waiting.state, waiting.priority, waiting.queue) == (WorkState.QUEUED, 10, "main")
    assert await work.result("w", list[str]) is None
    hands.start("a")
    done = await until_in(work, "w")
    assert done.worker is not None
    assert done.worker.startswith("a-")
    assert await work.result("w", list[str]) == ["w/0", "w/1"]
    assert [step.name for step in await work.steps("w")] == ["step 0", "step 1"]
    assert [one.id for one in await work.list(queue="main", states=[WorkState.DONE])] == ["w"]
    assert await work.list(states=[WorkState.QUEUED]) == []


async def test_unknown_work_is_said_to_be_unknown(work: DbosWork) -> None:
    assert await work.status("nobody") is None
    for ask in (work.steps, work.cancel, work.retry):
        with pytest.raises(NoSuchWork):
            await ask("nobody")
    with pytest.raises(NoSuchWork):
        await work.result("nobody", str)


async def test_what_a_killed_worker_left_is_finished_by_another_and_no_step_is_repeated(
    work: DbosWork, hands: Hands, gates: Gates
) -> None:
    await work.start(WALK, Walk(steps=6, gates=gates.folder), id="w")
    gates.open(0, 1)
    hands.start("a")
    await until(lambda: "begin w/2 a" in hands.lines())
    hands.signal("a", signal.SIGKILL)
    hands.start("b", dead_after_s=IMPATIENT_S)
    gates.open(2, 3, 4, 5)
    await until_in(work, "w")
    assert hands.lines("end") == [f"end w/{n} {'a' if n < 2 else 'b'}" for n in range(6)]
    assert await work.result("w", list[str]) == [f"w/{n}" for n in range(6)]


async def test_a_worker_that_leaves_in_order_hands_its_work_back_at_once(
    work: DbosWork, hands: Hands, gates: Gates
) -> None:
    await work.start(WALK, Walk(steps=2, gates=gates.folder), id="w")
    hands.start("a")
    await until(lambda: "begin w/0 a" in hands.lines())
    hands.signal("a", signal.SIGTERM)
    assert "stop w/0 a" in hands.lines()
    assert "left a" in hands.lines()
    status = await work.status("w")
    assert status is not None
    assert status.state is WorkState.QUEUED


async def test_a_worker_that_only_slept_does_no_harm(
    work: DbosWork, hands: Hands, gates: Gates
) -> None:
    await work.start(WALK, Walk(steps=4, gates=gates.folder), id="w")
    gates.open(0)
    hands.start("a")
    await until(lambda: "begin w/1 a" in hands.lines())
    hands.signal("a", signal.SIGSTOP)
    hands.start("b", dead_after_s=IMPATIENT_S)
    await until(lambda: "begin w/1 b" in hands.lines())
    gates.open(1)
    await until(lambda: "begin w/2 b" in hands.lines())
    hands.signal("a", signal.SIGCONT)
    # it is fit for work again: the other one has its hands full
    await work.start(WALK, Walk(steps=1), id="x")
    await until_in(work, "x")
    assert hands.who("begin x/0") == ["a"]
    gates.open(2, 3)
    await until_in(work, "w")
    assert await work.result("w", list[str]) == [f"w/{n}" for n in range(4)]
    # the sleeper may end the step it was in, but went no further
    assert hands.who("begin w/2") + hands.who("begin w/3") == ["b", "b"]


async def test_a_version_with_other_code_finishes_what_the_old_one_began(
    work: DbosWork, hands: Hands, gates: Gates
) -> None:
    await work.start(WALK, Walk(steps=3, gates=gates.folder), id="w")
    gates.open(0)
    hands.start("old")
    await until(lambda: "begin w/1 old" in hands.lines())
    hands.signal("old", signal.SIGKILL)
    # DBOS takes its version from a hash of the workflows' source unless told: change the source
    source = (ROOT / "tests/engines/work/work_process.py").read_text()
    changed = hands.log.parent / "changed.py"
    changed.write_text(source.replace("done = []", "done: list[str] = list()"))
    assert changed.read_text() != source
    hands.processes["new"] = subprocess.Popen(
        [sys.executable, changed, hands.url, hands.log, "new", "1", f"{IMPATIENT_S}"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=hands.stderr,
    )
    gates.open(1, 2)
    await until_in(work, "w")
    assert hands.lines("end w/2") == ["end w/2 new"]


async def test_new_releases_run_before_the_back_catalog(work: DbosWork, hands: Hands) -> None:
    order = [Priority.BACK_CATALOG, Priority.NORMAL, Priority.NEW_RELEASE]
    for priority in order:
        for n in range(2):
            await work.start(WALK, Walk(steps=1), id=f"{priority}-{n}", priority=priority)
    hands.start("a")
    await until(lambda: len(hands.lines("end")) >= 6)
    ran = [line.split()[1] for line in hands.lines("end")]
    assert ran == [f"{p}-{n}/0" for p in reversed(order) for n in range(2)]
    assert Priority.named("back-catalog") is Priority.BACK_CATALOG


async def test_parties_have_their_turns_whoever_was_first(work: DbosWork, hands: Hands) -> None:
    for n in range(8):
        await work.start(WALK, Walk(steps=1), id=f"a-{n}", party="a")
    await work.start(FAMILY, Family(children=2), id="b", party="b")
    await work.start(WALK, Walk(steps=1), id="urgent", party="a", priority=Priority.NEW_RELEASE)
    hands.start("a", at_once=1)
    await until(lambda: len(hands.lines("end")) >= 12)
    ran = [line.split()[1] for line in hands.lines("end")]
    assert ran[0] == "urgent/0"
    assert "b/plan" in ran[:4], "it waited until all of the other party's were done"
    assert ran.index("b.part-1/0") < len(ran) - 1, "its parts waited for the other party's"


async def test_queues_that_share_places_have_them_in_turn_and_the_patient_waits(
    work: DbosWork, hands: Hands
) -> None:
    """A first version of an old film goes before the ladder of a new release."""
    queues = {"rest": Priority.NEW_RELEASE, "first": Priority.BACK_CATALOG}
    queues["first-too"] = Priority.NORMAL
    for queue, priority in queues.items():
        for n in range(2):
            id = f"{queue}-{n}"
            await work.start(WALK, Walk(steps=1), id=id, queue=queue, priority=priority)
    hands.start("a", at_once=1)
    await until(lambda: len(hands.lines("end")) >= 6)
    order = [f"{queue}-{n}/0" for queue in ("first-too", "first", "rest") for n in range(2)]
    expected = [f"{word} {what} a" for what in order for word in ("begin", "end")]
    assert [line for line in hands.lines() if not line.startswith("ready")] == expected


async def test_work_that_moves_goes_on_in_the_other_queue_and_repeats_nothing(
    work: DbosWork, hands: Hands, gates: Gates
) -> None:
    gates.open(0)
    walk = Walk(steps=3, gates=gates.folder, then="late")
    await work.start(WALK, walk, id="w", priority=Priority.NEW_RELEASE)
    hands.start("a")
    while (moved := await work.status("w")) is None or moved.queue != "late":
        await asyncio.sleep(0.05)
    assert (moved.state, moved.priority) == (WorkState.QUEUED, 10)
    # its place is free, and the worker that it left does not take it up again
    await work.start(WALK, Walk(steps=1), id="x")
    await until_in(work, "x")
    assert [one.id for one in await work.list(queue="late")] == ["w"]
    hands.signal("a", signal.SIGTERM)  # among the living it would be whoever looks after the dead
    hands.start("late", dead_after_s=IMPATIENT_S)
    await until(lambda: "begin w/1 late" in hands.lines())
    hands.signal("late", signal.SIGKILL)
    hands.start("late-too", dead_after_s=IMPATIENT_S)
    gates.open(1, 2)
    await until_in(work, "w")
    assert await work.result("w", list[str]) == ["w/0", "w/1", "w/2"]
    assert hands.who("end w") == ["a", "late-too", "late-too"]


async def test_work_in_a_queue_without_workers_waits_until_it_is_put_into_another(
    work: DbosWork, hands: Hands
) -> None:
    await work.start(WALK, Walk(steps=2), id="w", queue="held")
    hands.start("a")
    await work.start(WALK, Walk(steps=1), id="x")
    await until_in(work, "x")
    held = await work.status("w")
    assert held is not None
    assert (held.state, held.queue) == (WorkState.QUEUED, "held")
    assert not await work.move("w", from_queue="late", to_queue="main")
    assert not await work.move("none", from_queue="held", to_queue="main")
    assert await work.move("w", from_queue="held", to_queue="main")
    await until_in(work, "w")
    assert not await work.move("w", from_queue="main", to_queue="held"), "it is done"
    assert hands.who("end w") == ["a", "a"]


async def test_work_that_moved_can_be_cancelled_and_taken_up_again(
    work: DbosWork, hands: Hands, gates: Gates, url: str
) -> None:
    gates.open(0)
    walk = Walk(steps=2, gates=gates.folder, then="late")
    await work.start(WALK, walk, id="w", party="somebody")
    hands.start("a")
    hands.start("late")
    await until(lambda: "begin w/1 late" in hands.lines())
    await work.cancel("w")
    await until(lambda: "stop w/1 late" in hands.lines())
    gates.open(1)
    await work.retry("w")
    await until_in(work, "w")
    assert hands.who("end w") == ["a", "late"]
    assert await asyncio.to_thread(parties, url) == ["somebody"], "it is nobody's since"


def parties(url: str) -> list[str]:
    database = WorkDatabase(url)
    with database.engine().connect() as connection:
        found = list(connection.scalars(sa.select(ITEMS.c.queue_partition_key)))
    database.close()
    return found


async def test_two_workers_share_the_parts_of_one_work(
    work: DbosWork, hands: Hands, gates: Gates
) -> None:
    await work.start(FAMILY, Family(children=6, gates=gates.folder), id="f")
    hands.start("a")
    hands.start("b")
    await until(lambda: set(hands.who("begin f.part")) == {"a", "b"})
    gates.open(0)
    await until_in(work, "f")
    ended = sorted(line.split()[1] for line in hands.lines("end f.part"))
    assert ended == [f"f.part-{n}/0" for n in range(6)]
    part = await work.status("f.part-0")
    assert part is not None
    assert (part.parent, part.queue) == ("f", "parts")


async def test_killing_every_worker_again_and_again_repeats_no_finished_part(
    work: DbosWork, hands: Hands, gates: Gates
) -> None:
    await work.start(FAMILY, Family(children=5, gates=gates.folder), id="f")
    for round in range(4):
        seen = len(hands.lines("end f.part"))
        gates.open_once(0)
        hands.start(f"r{round}", dead_after_s=IMPATIENT_S)
        await until(lambda seen=seen: len(hands.lines("end f.part")) > seen)  # type: ignore[misc]
        hands.signal(f"r{round}", signal.SIGKILL)
    gates.open(0)
    hands.start("last", at_once=2, dead_after_s=IMPATIENT_S)
    await until_in(work, "f")
    ended = [line.split()[1] for line in hands.lines("end")]
    # the worker may die between the end of a step and the record of it: then, and only then, twice
    assert len(ended) <= len(set(ended)) + 4
    assert set(ended) == {"f/plan", *(f"f.part-{n}/0" for n in range(5))}


async def test_cancelled_work_stops_and_can_be_taken_up_again(
    work: DbosWork, hands: Hands, gates: Gates
) -> None:
    await work.start(FAMILY, Family(children=2, gates=gates.folder), id="f")
    hands.start("a", at_once=2)
    await until(lambda: len(hands.lines("begin f.part")) == 2)
    await work.cancel("f")
    await until(lambda: len(hands.lines("stop f.part")) == 2)
    for id in ("f", "f.part-0", "f.part-1"):
        status = await work.status(id)
        assert status is not None
        assert (status.state, status.queue) == (
            WorkState.CANCELLED,
            "main" if id == "f" else "parts",
        )
    await work.cancel("f")
    await work.retry("f")
    await until(lambda: len(hands.lines("begin f.part")) == 4)
    assert len(hands.lines("begin f/plan")) == 1
    with pytest.raises(WorkNotRetryable):
        await work.retry("f")


async def test_a_failed_step_is_tried_again_and_a_refusal_is_not(
    work: DbosWork, hands: Hands, tmp_path: Path
) -> None:
    mark = str(tmp_path / "mark")
    await work.start(FICKLE, Fickle(mark=mark, attempts=3), id="t")
    await work.start(FICKLE, Fickle(mark=mark, attempts=3, refuse=True), id="r")
    hands.start("a")
    failed = await until_in(work, "t", WorkState.FAILED)
    assert failed.error == "not yet"
    assert len(hands.lines("try t")) == 3
    await until_in(work, "r", WorkState.FAILED)
    assert len(hands.lines("try r")) == 1
    with pytest.raises(StepFailed, match="never do") as refusal:
        await work.result("r", str)
    assert refusal.value.extra["code"] == "invalid"


async def test_a_retry_repeats_only_what_failed_in_the_work_and_its_parts(
    work: DbosWork, hands: Hands, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    await work.start(FAMILY, Family(children=2, mark=str(mark)), id="f")
    hands.start("a", at_once=2)
    await until_in(work, "f", WorkState.FAILED)
    mark.touch()
    await work.retry("f")
    await until_in(work, "f")
    assert len(hands.lines("begin f/plan")) == 1
    assert len(hands.lines("begin f.part-0/first")) == 1
    assert len(hands.lines("try f.part-0")) == 2
    assert await work.result("f", list[str]) == ["part-0", "part-1"]


async def test_old_work_that_is_done_can_be_forgotten_with_its_children(
    work: DbosWork, hands: Hands, tmp_path: Path
) -> None:
    mark = str(tmp_path / "mark")
    await work.start(FAMILY, Family(children=2), id="f")
    await work.start(FICKLE, Fickle(mark=mark), id="failed")
    hands.start("a", at_once=2)
    done = await until_in(work, "f")
    await until_in(work, "failed", WorkState.FAILED)
    assert await work.forget(done.created_at_ms) == 0
    assert await work.forget(done.updated_at_ms + 60_000) == 1
    left = await work.list()
    assert [one.id for one in left] == ["failed"]
