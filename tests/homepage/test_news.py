"""What search, recommendation and home do when they hear of titles, tastes and profiles."""

from typing import Any

import pytest

from tests.catalog.setup import GROWN, asset, film
from tests.conftest import OpenRows
from tests.homepage.setup import Setup, SpokenBus
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
async def setup(open_sqlite: OpenRows, clock: HeldClock) -> Setup:
    return await Setup().open(open_sqlite, clock)


@pytest.fixture
async def bus(setup: Setup) -> SpokenBus:
    bus: Any = SpokenBus()
    search_jobs.listen(bus, setup.catalog, setup.search)
    await homepage_jobs.listen(bus, setup.cache)
    spoken: SpokenBus = bus
    return spoken


async def found(setup: Setup, query: str) -> list[str]:
    return [card.name for card in (await setup.homepage.search(GROWN, query)).cards]


async def test_a_title_is_found_once_it_is_heard_of(setup: Setup, bus: SpokenBus) -> None:
    await setup.catalog.save(film("Nosferatu"))
    assert await found(setup, "nosferatu") == []
    await bus.tell(CHANGED)
    assert await found(setup, "nosfreatu") == ["Nosferatu"]


async def test_a_title_taken_down_is_out_of_the_index(setup: Setup, bus: SpokenBus) -> None:
    await setup.catalog.save(film("Nosferatu"))
    await bus.tell(CHANGED)
    await setup.catalog.take_down(FILM)
    await bus.tell(GONE)
    await bus.tell(CHANGED)  # late, and about a title that is gone
    scope = Scope(country=Country("FR"), maturity=Maturity.EIGHTEEN, kids=False, at_ms=0)
    assert (await setup.search.find("nosferatu", scope=scope)).hits == ()


async def test_a_lost_index_is_made_anew(setup: Setup) -> None:
    for name in ("Nosferatu", "Sunrise"):
        await setup.catalog.save(film(name))
    assert await search_jobs.catch_up(setup.catalog, setup.search) == 2
    assert await search_jobs.catch_up(setup.catalog, setup.search) == 0
    await setup.text.remove([FILM, "ttl_sunrise"])
    assert await found(setup, "sunrse") == []
    assert await search_jobs.catch_up(setup.catalog, setup.search) == 2
    assert await found(setup, "sunrse") == ["Sunrise"]


async def test_news_of_a_title_reaches_a_cached_home(setup: Setup, bus: SpokenBus) -> None:
    await setup.catalog.save(film("Nosferatu"))
    assert "now" not in [row.kind for row in (await setup.homepage.home(GROWN)).rows]
    await setup.catalog.publish(FILM, asset(FILM))
    made = asset(FILM)
    await bus.tell(
        TitlePublished(
            title_id=FILM, content_id=made.content_id, asset_id=made.id,
            version=made.version, prefix=made.prefix,
        )
    )  # fmt: skip
    assert "now" in [row.kind for row in (await setup.homepage.home(GROWN)).rows]


async def test_another_taste_makes_ones_own_page_anew_and_nobody_elses(
    setup: Setup, bus: SpokenBus
) -> None:
    await setup.homepage.home(GROWN)
    news = TasteChanged(profile_id=GROWN.profile_id)
    before = setup.catalog.calls.count("genres")
    await bus.tell(TasteChanged(profile_id=ProfileId("pro_other")))
    await setup.homepage.home(GROWN)
    assert setup.catalog.calls.count("genres") == before
    await bus.tell(news)
    await setup.homepage.home(GROWN)
    assert setup.catalog.calls.count("genres") == before + 1
