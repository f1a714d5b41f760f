"""G3: home, title pages and search with anything down."""

import asyncio

import pytest

from tests.catalog.setup import GROWN, viewer
from tests.homepage.setup import Setup
from tests.homepage.shelf import patiently, row, watch
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import TitleId


@pytest.mark.parametrize("how", ["fails", "hangs"])
@pytest.mark.parametrize("who", ["viewing", "search", "recommend"])
async def test_home_answers_without_any_of_its_neighbours(
    setup: Setup, clock: HeldClock, who: str, how: str
) -> None:
    getattr(setup, who).broken = how
    home = await patiently(clock, setup.homepage.home(GROWN))
    assert home.billboard is not None
    assert row(home, "new").tiles
    assert home.degraded == (() if who == "search" else (who,))


async def test_a_page_made_without_a_neighbour_is_made_again_soon(
    setup: Setup, clock: HeldClock
) -> None:
    setup.recommend.broken = "fails"
    await setup.homepage.home(GROWN)
    setup.recommend.broken = ""
    await watch(setup, "ttl_comedy-0", 30_000)
    clock.advance(11)
    async with asyncio.timeout(120):
        while (home := await setup.homepage.home(GROWN)).degraded:
            await asyncio.sleep(0.02)
    assert (home.degraded, row(home, "because:ttl_comedy-0").kind) == ((), "because")


async def test_home_answers_from_its_cache_when_the_catalogue_is_down(
    setup: Setup, clock: HeldClock
) -> None:
    await setup.homepage.home(GROWN)
    setup.catalog.broken = "fails"
    home = await setup.homepage.home(GROWN)
    assert row(home, "new").tiles
    assert "catalog" in home.degraded
    empty = await setup.homepage.home(viewer(profile="pro_other"))
    assert (empty.rows, empty.billboard) == ((), None)


async def test_search_falls_back_to_names(setup: Setup) -> None:
    found = await setup.homepage.search(GROWN, "horor 3")
    assert found.cards[0].name == "Horror 3"
    setup.search.broken = "fails"
    found = await setup.homepage.search(GROWN, "horror 3")
    assert [card.name for card in found.cards] == ["Horror 3"]
    assert found.degraded == ("search",)


async def test_a_title_page_answers_with_viewing_and_recommendation_down(
    setup: Setup, clock: HeldClock
) -> None:
    setup.viewing.broken = setup.recommend.broken = "hangs"
    page = await patiently(clock, setup.homepage.title(GROWN, TitleId("ttl_comedy-0")))
    assert page.title.card.name == "Comedy 0"
    assert page.degraded == ("recommend", "viewing")
