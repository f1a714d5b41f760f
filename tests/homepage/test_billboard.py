"""D2: what may head the home page."""

import msgspec
import pytest

from tests.catalog.setup import GROWN, asset, film
from tests.conftest import OpenRows
from tests.homepage.setup import Setup
from vitascope.catalog import Artwork, Introduction, TitleCard
from vitascope.catalog.cards import card as card_for
from vitascope.homepage.cached_homepage import is_presentable
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import TitleId

WIDE = Artwork(landscape="wide.webp")


def introduction_of(synopsis: str) -> Introduction:
    return Introduction(title_id=TitleId("ttl_x"), synopsis=synopsis)


def card_of(artwork: Artwork, duration_ms: int | None) -> TitleCard:
    return msgspec.structs.replace(
        card_for(film("X"), "en"), artwork=artwork, duration_ms=duration_ms, playable=True
    )


@pytest.mark.parametrize(
    ("artwork", "duration_ms", "synopsis", "fit"),
    [
        (WIDE, 60_000, "It begins at sea.", True),
        (WIDE, None, "Announced: nobody knows how long it is.", True),
        (WIDE, 59_000, "It begins at sea.", False),
        (WIDE, 60_000, "", False),
        (Artwork(poster="p.webp"), 60_000, "It begins at sea.", False),
    ],
)
def test_a_title_heads_the_page_with_a_synopsis_a_wide_picture_and_a_minute(
    artwork: Artwork, duration_ms: int | None, synopsis: str, fit: bool
) -> None:
    assert is_presentable(card_of(artwork, duration_ms), introduction_of(synopsis)) is fit


def test_a_title_that_is_not_introduced_does_not_head_the_page() -> None:
    assert not is_presentable(card_of(WIDE, 60_000), None)


async def test_where_all_that_is_offered_is_short_a_short_title_heads_the_page(
    open_sqlite: OpenRows, clock: HeldClock
) -> None:
    setup, short = await Setup().open(open_sqlite, clock), film("Short")
    await setup.catalog.save(short)
    await setup.catalog.set_artwork(short.id, WIDE)
    lasting = msgspec.structs.replace(asset(short.id), duration_ms=40_000)
    await setup.catalog.publish(short.id, lasting)
    await setup.learn()
    billboard = (await setup.homepage.home(GROWN)).billboard
    assert billboard is not None
    assert billboard.tile.card.id == short.id
