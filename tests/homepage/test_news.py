"""What search, recommendation and home do when they hear of titles, tastes and profiles."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.catalog.shelves import GROWN, asset, film
from tests.conftest import OpenRows
from tests.homepage.house import House
from vitascope.catalog import TitleChanged, TitlePublished, TitleTakenDown
from vitascope.engines.bus import Handler
from vitascope.homepage import jobs as homepage_jobs
from vitascope.identity import ProfileRemoved
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.country import Country
from vitascope.kernel.events import Envelope, Event
from vitascope.kernel.ids import AccountId, TitleId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.scope import Scope
from vitascope.recommend import jobs as recommend_jobs
from vitascope.search import jobs as search_jobs
from vitascope.viewing import Thumb, ThumbGiven

FILM = TitleId("ttl_nosferatu")
CHANGED, GONE = TitleChanged(title_id=FILM), TitleTakenDown(title_id=FILM)


class SpokenBus:
    """Tells every listener at once; what the real bus repeats, this one repeats too."""

    def __init__(self) -> None:
        self.listeners: list[tuple[str, Sequence[type[Event]], Handler]] = []

    def subscribe(
        self, group: str, types: Sequence[type[Event]], handler: Handler, **_: Any
    ) -> None:
        assert group not in [known for known, _, _ in self.listeners], "one group, one listener"
        self.listeners.append((group, types, handler))

    async def overhear(self, types: Sequence[type[Event]], handler: Handler) -> None:
        self.listeners.append((f"bystander {len(self.listeners)}", types, handler))

    async def tell(self, event: Event) -> None:
        envelope = Envelope(id="e", type="", key=event.key, at_ms=0, body=b"")
        for _, types, handler in self.listeners:
            if isinstance(event, tuple(types)):
                await handler(event, envelope)
                await handler(event, envelope)


@pytest.fixture
async def house(open_sqlite: OpenRows, clock: HeldClock) -> House:
    return await House().open(open_sqlite, clock)


@pytest.fixture
async def bus(house: House) -> SpokenBus:
    bus: Any = SpokenBus()
    search_jobs.listen(bus, house.catalog, house.search)
    await recommend_jobs.listen(bus, house.catalog, house.recommend)
    await homepage_jobs.listen(bus, house.cache)
    homepage_jobs.follow_profiles(bus, house.viewing)
    spoken: SpokenBus = bus
    return spoken


async def found(house: House, query: str) -> list[str]:
    return [card.name for card in (await house.desk.search(GROWN, query)).cards]


async def test_a_title_is_found_once_it_is_heard_of(house: House, bus: SpokenBus) -> None:
    await house.catalog.save(film("Nosferatu"))
    assert await found(house, "nosferatu") == []
    await bus.tell(CHANGED)
    assert await found(house, "nosfreatu") == ["Nosferatu"]


async def test_a_title_taken_down_is_out_of_the_index(house: House, bus: SpokenBus) -> None:
    await house.catalog.save(film("Nosferatu"))
    await bus.tell(CHANGED)
    await house.catalog.take_down(FILM)
    await bus.tell(GONE)
    await bus.tell(CHANGED)  # late, and about a title that is gone
    everything = frozenset({FILM})
    scope = Scope(country=Country("FR"), maturity=Maturity.EIGHTEEN, kids=False, at_ms=0)
    assert (await house.search.find("nosferatu", scope=scope)).hits == ()
    assert await house.recommend.similar(FILM, within=everything) == []


async def test_a_lost_index_is_made_anew(house: House) -> None:
    for name in ("Nosferatu", "Sunrise"):
        await house.catalog.save(film(name))
    assert await search_jobs.catch_up(house.catalog, house.search) == 2
    assert await search_jobs.catch_up(house.catalog, house.search) == 0
    await house.text.remove([FILM, "ttl_sunrise"])
    assert await found(house, "sunrse") == []
    assert await search_jobs.catch_up(house.catalog, house.search) == 2
    assert await found(house, "sunrse") == ["Sunrise"]


async def test_news_of_a_title_reaches_a_cached_home(house: House, bus: SpokenBus) -> None:
    await house.catalog.save(film("Nosferatu"))
    assert "now" not in [row.kind for row in (await house.desk.home(GROWN)).rows]
    await house.catalog.publish(FILM, asset(FILM))
    made = asset(FILM)
    await bus.tell(
        TitlePublished(
            title_id=FILM, content_id=made.content_id, asset_id=made.id,
            version=made.version, prefix=made.prefix,
        )
    )  # fmt: skip
    assert "now" in [row.kind for row in (await house.desk.home(GROWN)).rows]


async def test_a_thumb_makes_ones_own_page_anew_and_nobody_elses(
    house: House, bus: SpokenBus
) -> None:
    await house.desk.home(GROWN)
    news = ThumbGiven(profile_id=GROWN.profile_id, title_id=FILM, thumb=Thumb.UP)
    before = house.catalog.calls.count("genres")
    await bus.tell(ThumbGiven(profile_id=AccountId("pro_other"), title_id=FILM, thumb=None))  # type: ignore[arg-type]
    await house.desk.home(GROWN)
    assert house.catalog.calls.count("genres") == before
    await bus.tell(news)
    await house.desk.home(GROWN)
    assert house.catalog.calls.count("genres") == before + 1


async def test_a_removed_profile_takes_its_history_with_it(house: House, bus: SpokenBus) -> None:
    await house.viewing.add_to_list(GROWN.profile_id, FILM)
    await bus.tell(ProfileRemoved(account_id=GROWN.account_id, profile_id=GROWN.profile_id))
    assert await house.viewing.my_list(GROWN.profile_id) == []
