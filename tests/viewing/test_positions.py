"""G6: positions are written through a cache that processes share."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence

import pytest

from tests.viewing.beats import ANA, BEN, FILM, beat
from tests.viewing.memory_store import MemoryViewingStore
from vitascope.engines.cache import Cache
from vitascope.engines.cache.redis import redis_cache
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.errors import Unavailable
from vitascope.kernel.ids import ContentId, ProfileId
from vitascope.viewing import Progress, Viewing
from vitascope.viewing.history import StoredViewing
from vitascope.viewing.positions import CachedPositions
from vitascope.viewing.storage import News

CONTENT = ContentId("ttl_film")
_numbers = itertools.count()


class Counted(MemoryViewingStore):
    """Counts what it is asked, and can hold a report that it has already kept."""

    def __init__(self) -> None:
        super().__init__(lambda _: None)
        self.asked = 0
        self.kept = asyncio.Event()
        self.hold: asyncio.Event | None = None
        self.down = False

    async def record(self, reports: Sequence[Progress], news: News) -> None:
        await super().record(reports, news)
        self.kept.set()
        if self.hold is not None:
            await self.hold.wait()

    async def positions(
        self, profile_id: ProfileId, content_ids: Sequence[ContentId]
    ) -> list[Progress]:
        self.asked += 1
        if self.down:
            raise Unavailable("away")
        return await super().positions(profile_id, content_ids)


@pytest.fixture
def store() -> Counted:
    return Counted()


@pytest.fixture
async def caches(redis_url: str) -> AsyncIterator[list[Cache]]:
    """Of two processes."""
    namespace = f"positions{next(_numbers)}"
    two = [
        redis_cache(redis_url, clock=SystemClock(), namespace=namespace, timeout_s=60)
        for _ in range(2)
    ]
    yield list(two)
    for cache in two:
        await cache.close()


@pytest.fixture
def both(store: Counted, caches: list[Cache]) -> list[Viewing]:
    clock = SystemClock()
    return [StoredViewing(store=CachedPositions(store, each), clock=clock) for each in caches]


async def place(viewing: Viewing, profile: ProfileId = ANA) -> int | None:
    found = await viewing.positions(profile, [CONTENT])
    return found[CONTENT].position_ms if found else None


async def test_g6_what_one_process_records_is_read_by_the_other_without_asking_the_store(
    store: Counted, both: list[Viewing]
) -> None:
    one, other = both
    assert await place(other) is None
    await one.record([beat(1_000)])
    assert await place(other) == 1_000
    assert await place(one) == 1_000
    await other.record([beat(2_000, sequence=2), beat(7, profile=BEN)])
    await one.record([beat(1_500)])  # late
    asked = store.asked
    assert (await place(one), await place(one, BEN)) == (2_000, 7)
    assert store.asked == asked


async def test_a_report_whose_sender_gave_up_is_no_reason_to_answer_the_one_before(
    store: Counted, both: list[Viewing]
) -> None:
    one, other = both
    await one.record([beat(1_000)])
    store.hold, store.kept = asyncio.Event(), asyncio.Event()
    recording = asyncio.create_task(one.record([beat(2_000, sequence=2)]))
    await store.kept.wait()
    recording.cancel()
    with pytest.raises(asyncio.CancelledError):
        await recording
    assert await place(other) == 2_000


async def test_a_report_is_kept_though_its_position_cannot_be_loaded_again(
    store: Counted, both: list[Viewing]
) -> None:
    one, other = both
    await one.record([beat(1_000)])
    store.down = True
    await one.record([beat(2_000, sequence=2)])
    store.down = False
    assert await place(other) == 2_000


@pytest.mark.parametrize("how", ["forget", "forget_profile"])
async def test_what_is_removed_in_one_process_is_gone_in_the_other(
    both: list[Viewing], how: str
) -> None:
    one, other = both
    for profile in (ANA, BEN):
        await one.record([beat(1_000, profile=profile)])
        assert await place(other, profile) == 1_000
    await (one.forget(ANA, FILM) if how == "forget" else one.forget_profile(ANA))
    assert (await place(other), await place(other, BEN)) == (None, 1_000)
