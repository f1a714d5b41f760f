"""D2, U4: what a profile likes is heard, kept for all processes, met once, and erased for good."""

from typing import Any

import pytest

from tests.catalog.setup import GROWN, MemoryOutbox, film
from tests.conftest import OpenRows
from tests.homepage.setup import Breakable, SpokenBus
from vitascope.engines.rows import Rows
from vitascope.engines.rows.migrate import drift
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.events import Event
from vitascope.kernel.ids import ContentId, ProfileId, SessionId, TitleId
from vitascope.kernel.scope import Scope
from vitascope.recommend import RowKind, RowsContext, RowsLimit, TasteChanged
from vitascope.recommend.jobs import follow_tastes
from vitascope.recommend.live_model import LiveModel
from vitascope.recommend.past import on_list
from vitascope.recommend.settings import RecommendSettings
from vitascope.recommend.sparse import SparseRecommend
from vitascope.recommend.store import metadata, signals_of
from vitascope.recommend.traits import traits_of
from vitascope.viewing import (
    HistoryRemoved,
    ListChanged,
    Progress,
    Thumb,
    ThumbGiven,
    TitleFinished,
    TitleWatched,
)
from vitascope.viewing.history import StoredViewing
from vitascope.viewing.store import RowsViewingStore

ANA = GROWN.profile_id
HORROR, WAR = TitleId("ttl_horror-0"), TitleId("ttl_war-0")


class Place:
    """One process that has recommendation; several share `rows`."""

    def __init__(self, rows: Rows, viewing: Any, clock: HeldClock) -> None:
        self.rows, self.clock = rows, clock
        self.outbox, self.bus = MemoryOutbox(), SpokenBus()
        self.model = LiveModel(clock=clock, settings=RecommendSettings())
        self.recommend = SparseRecommend(
            rows=rows, outbox=self.outbox, model=self.model, viewing=viewing, clock=clock
        )
        bus: Any = self.bus
        follow_tastes(bus, self.recommend)

    async def learn(self) -> None:
        for genre in ("horror", "war", "comedy"):
            for n in range(4):
                self.model.learn(traits_of(film(f"{genre} {n}", genres=(genre,))))
        await self.model.renew()

    async def genres(self, profile: ProfileId = ANA) -> list[str]:
        scope = Scope.of(GROWN, self.clock.now_ms())
        page = await self.recommend.rows(profile, scope, RowsContext(), limit=RowsLimit())
        return [row.about for row in page.rows if row.kind is RowKind.GENRE]

    async def kept(self) -> dict[str, float]:
        found = await self.rows.read(lambda connection: signals_of(connection, ANA))
        return {f"{one.kind} {one.title_id}": round(one.weight, 9) for one in found}

    async def hear(self, *events: Event) -> None:
        for n, event in enumerate(events):
            await self.bus.tell(event, at_ms=n)


@pytest.fixture
async def rows(open_rows: OpenRows) -> Rows:
    return await open_rows("recommend")


@pytest.fixture
async def viewing(open_sqlite: OpenRows, clock: HeldClock) -> Breakable:
    outbox: Any = MemoryOutbox()
    store = RowsViewingStore(rows=await open_sqlite("viewing"), outbox=outbox)
    return Breakable(StoredViewing(store=store, clock=clock))


@pytest.fixture
async def place(rows: Rows, viewing: Breakable, clock: HeldClock) -> Place:
    place = Place(rows, viewing, clock)
    await place.learn()
    return place


def thumb(title_id: TitleId, given: Thumb | None) -> ThumbGiven:
    return ThumbGiven(profile_id=ANA, title_id=title_id, thumb=given)


def watched(title_id: TitleId, share: float) -> TitleWatched:
    return TitleWatched(
        profile_id=ANA, title_id=title_id, content_id=ContentId(title_id), share=share
    )


async def test_the_migrations_make_the_tables_that_the_store_knows(rows: Rows) -> None:
    assert await rows.read(lambda connection: drift(connection, metadata)) == []


async def test_what_is_heard_bends_the_rows_and_is_announced(place: Place) -> None:
    assert await place.genres() == ["comedy", "horror", "war"]
    await place.hear(thumb(WAR, Thumb.LOVE))
    assert await place.genres() == ["war", "comedy", "horror"]
    assert TasteChanged(profile_id=ANA) in place.outbox.heard


async def test_signals_become_weights_and_what_is_taken_back_weighs_nothing(place: Place) -> None:
    finished = TitleFinished(profile_id=ANA, title_id=WAR, content_id=ContentId(WAR))
    await place.hear(
        watched(HORROR, 0.5), finished, thumb(WAR, Thumb.DOWN),
        ListChanged(profile_id=ANA, title_id=WAR, listed=True),
    )  # fmt: skip
    assert await place.kept() == {
        f"watched {HORROR}": 0.425,
        f"watched {WAR}": 0.8,
        f"thumb {WAR}": -1.0,
        f"listed {WAR}": 0.3,
    }
    await place.hear(
        HistoryRemoved(profile_id=ANA, title_id=HORROR), thumb(WAR, None),
        ListChanged(profile_id=ANA, title_id=WAR, listed=False),
        ListChanged(profile_id=ANA, title_id=WAR),  # of an older version: it does not say which
    )  # fmt: skip
    kept = await place.kept()
    assert (kept[f"watched {HORROR}"], kept[f"thumb {WAR}"], kept[f"listed {WAR}"]) == (0, 0, 0)


async def test_another_process_and_a_later_one_know_the_same_taste(
    place: Place, rows: Rows, viewing: Breakable, clock: HeldClock
) -> None:
    other = Place(rows, viewing, clock)
    await other.learn()
    await place.hear(thumb(WAR, Thumb.LOVE))
    assert await other.genres() == await place.genres() == ["war", "comedy", "horror"]


async def test_a_profile_is_met_once_with_its_past(
    place: Place, viewing: Breakable, clock: HeldClock
) -> None:
    """As in a data folder that is older than this database, or whose database was lost."""
    await viewing.give_thumb(ANA, WAR, Thumb.LOVE)
    await viewing.add_to_list(ANA, HORROR)
    report = Progress(
        profile_id=ANA, content_id=ContentId(HORROR), title_id=HORROR, position_ms=600,
        duration_ms=1000, session_id=SessionId("s"), session_started_at_ms=1, sequence=1, at_ms=1,
    )  # fmt: skip
    await viewing.record([report])
    for _ in range(3):
        assert await place.genres() == ["war", "horror", "comedy"]
    assert viewing.calls.count("recent") == 1
    assert await place.kept() == {
        f"thumb {WAR}": 1.0,
        f"listed {HORROR}": 0.3,
        f"watched {HORROR}": 0.5,
    }


async def test_what_was_heard_before_a_profile_is_met_is_later_than_its_past(
    place: Place, viewing: Breakable
) -> None:
    await viewing.give_thumb(ANA, WAR, Thumb.LOVE)
    await place.hear(thumb(WAR, None))
    assert await place.genres() == ["comedy", "horror", "war"]


@pytest.mark.parametrize("how", ["fails"])
async def test_rows_come_without_a_past_while_viewing_is_down_and_with_it_later(
    place: Place, viewing: Breakable, how: str, clock: HeldClock
) -> None:
    await viewing.give_thumb(ANA, WAR, Thumb.LOVE)
    viewing.broken = how
    assert await place.genres() == ["comedy", "horror", "war"]
    viewing.broken = ""
    clock.advance(60)
    assert await place.genres() == ["war", "comedy", "horror"]


async def test_an_erased_profile_stays_erased_whatever_arrives_later(
    place: Place, viewing: Breakable
) -> None:
    await place.hear(thumb(WAR, Thumb.LOVE))
    await viewing.give_thumb(ANA, WAR, Thumb.LOVE)
    for _ in range(2):
        await place.recommend.forget_profile(ANA)
    await place.hear(thumb(WAR, Thumb.LOVE), watched(HORROR, 1.0))
    assert await place.genres() == ["comedy", "horror", "war"]
    assert await place.kept() == {}


async def test_titles_are_learned_replaced_and_unlearned(place: Place) -> None:
    """A model is made behind: until then the one before answers."""
    scope = Scope.of(GROWN, place.clock.now_ms())

    async def near() -> list[str]:
        return [each.title_id for each in await place.recommend.similar(WAR, scope)]

    assert len(await near()) == 11
    place.model.unlearn(TitleId("ttl_war-1"))
    place.model.unlearn(TitleId("never"))
    place.model.learn(traits_of(film("war 2", genres=("comedy",))))
    assert (await near())[:3] == ["ttl_war-1", "ttl_war-2", "ttl_war-3"]
    await place.model.renew()
    assert (await near())[0] == "ttl_war-3"
    assert "ttl_war-1" not in await near()


async def test_what_is_heard_together_is_one_transaction(place: Place) -> None:
    """And each profile's taste is announced once, whatever changed."""
    signals = [on_list(WAR, 1, listed=True), on_list(HORROR, 2, listed=True)]
    before = len(place.outbox.heard)
    await place.recommend.hear([(ANA, each) for each in signals])
    assert [type(each).__name__ for each in place.outbox.heard[before:]] == ["TasteChanged"]
    assert await place.kept() == {f"listed {WAR}": 0.3, f"listed {HORROR}": 0.3}
