"""Work that was begun by a version with other steps, and is done anew. (I2)"""

import signal
from pathlib import Path

import pytest

from tests.engines.work.hands import Gates, Hands, until, until_in
from tests.engines.work.work_process import (
    FAMILY,
    Family,
)
from vitascope.engines.work import (
    NoSuchWork,
    StepFailed,
    WorkNotRetryable,
    WorkState,
)
from vitascope.engines.work.dbos import DbosWork

pytestmark = pytest.mark.long

IMPATIENT_S = 1.0  # for hands that see only dead ones beside them: a living one may be slow, too


async def is_of_other_steps(work: DbosWork, id: str) -> bool:
    status = await until_in(work, id, WorkState.FAILED)
    with pytest.raises(StepFailed, match="other steps") as failure:
        await work.result(id, list[str])
    assert failure.value.is_of_other_steps is status.has_other_steps
    return status.has_other_steps


@pytest.mark.parametrize("died", [True, False], ids=["under way", "failed"])
async def test_what_a_version_with_other_steps_began_fails_and_can_be_done_anew(
    work: DbosWork, hands: Hands, gates: Gates, tmp_path: Path, died: bool
) -> None:
    """Parts of it wait in queues that are still looked into, for a task that nobody does now."""
    mark = "" if died else str(tmp_path / "mark")
    await work.start(FAMILY, Family(children=3, gates=gates.folder, mark=mark), id="f")
    hands.start("a")
    if died:
        await until(lambda: bool(hands.lines("begin f.part")))
        hands.signal("a", signal.SIGKILL)
        hands.start("other", dead_after_s=IMPATIENT_S)
    else:
        failed = await until_in(work, "f", WorkState.FAILED)
        assert not failed.has_other_steps
        hands.signal("a", signal.SIGTERM)
        await work.retry("f")
        hands.start("other")
    assert await is_of_other_steps(work, "f")
    assert hands.who("begin f/look") == [], "a step was done of work that can't be gone on with"
    gates.open(0)
    await work.retry("f", anew=True)
    await until_in(work, "f")
    done = await work.status("f")
    assert done is not None
    assert (done.has_other_steps, done.error) == (False, "")
    assert await work.result("f", list[str]) == ["part-0", "part-1", "part-2"]
    assert hands.who("begin f/look") == ["other"]
    ended = [line for line in hands.lines("end f.part") if line.endswith(" other")]
    assert sorted(ended) == [f"end f.part-{n}/0 other" for n in range(3)]
    assert {one.id for one in await work.list()} == {"f", "f.part-0", "f.part-1", "f.part-2"}
    # the places of parts that nobody could do are free again
    await work.start(FAMILY, Family(children=2), id="next")
    await until_in(work, "next")


async def test_work_that_is_over_is_done_anew_from_its_first_step(
    work: DbosWork, hands: Hands, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    await work.start(FAMILY, Family(children=2, mark=str(mark)), id="f")
    with pytest.raises(WorkNotRetryable):
        await work.retry("f", anew=True)
    hands.start("a", at_once=2)
    await until_in(work, "f", WorkState.FAILED)
    mark.touch()
    await work.retry("f", anew=True)
    await until_in(work, "f")
    for once_more in ("begin f/plan", "begin f.part-0/first", "begin f.part-1/first"):
        assert len(hands.lines(once_more)) == 2
    with pytest.raises(NoSuchWork):
        await work.retry("nobody", anew=True)
