"""What search, recommendation and home do when they hear of titles, tastes and profiles."""

from typing import Any

import pytest

from tests.catalog.shelves import GROWN, asset, film
from tests.conftest import OpenRows
from tests.homepage.house import House, SpokenBus
from vitascope.catalog import TitleChanged, TitlePublished, TitleTakenDown
from vitascope.homepage import jobs as homepage_jobs
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.country import Country
from vitascope.kernel.ids import ProfileId, TitleId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.scope import Scope
from vitascope.recommend import TasteChanged
from vitascope.search import jobs as search_jobs

FILM = TitleId("ttl_nosferatu")
CHANGED, GONE = TitleChanged(title_id=FILM), TitleTakenDown(title_id=FILM)


@pytest.fixture
async def house(open_sqlite: OpenRows, clock: HeldClock) -> House:
    return await House().open(open_sqlite, clock)


@pytest.fixture
async def bus(house: House) -> SpokenBus:
    bus: Any = SpokenBus()
    search_jobs.listen(bus, house.catalog, house.search)
    await homepage_jobs.listen(bus, house.cache)
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
    scope = Scope(country=Country("FR"), maturity=Maturity.EIGHTEEN, kids=False, at_ms=0)
    assert (await house.search.find("nosferatu", scope=scope)).hits == ()


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


async def test_another_taste_makes_ones_own_page_anew_and_nobody_elses(
    house: House, bus: SpokenBus
) -> None:
    await house.desk.home(GROWN)
    news = TasteChanged(profile_id=GROWN.profile_id)
    before = house.catalog.calls.count("genres")
    await bus.tell(TasteChanged(profile_id=ProfileId("pro_other")))
    await house.desk.home(GROWN)
    assert house.catalog.calls.count("genres") == before
    await bus.tell(news)
    await house.desk.home(GROWN)
    assert house.catalog.calls.count("genres") == before + 1
