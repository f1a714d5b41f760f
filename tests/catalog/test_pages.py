"""D1: pages of titles, in every order, by genre and kind; names by how they begin."""

import asyncio

import pytest

from tests.catalog.setup import (
    DAY,
    GROWN,
    MemoryBlobs,
    MemoryOutbox,
    WholeCatalog,
    fill,
    film,
    series,
    viewer,
)
from tests.conftest import OpenRows
from vitascope.catalog import (
    Sort,
    TitleKind,
    Wording,
)
from vitascope.catalog.memory import SLICE
from vitascope.engines.rows import Rows
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.country import Window
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import TitleId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.pages import BadPageToken


@pytest.fixture
async def rows(open_rows: OpenRows) -> Rows:
    return await open_rows("catalog")


@pytest.mark.parametrize("sort", Sort)
async def test_pages_show_everything_once_even_when_titles_arrive_in_between(
    catalog: WholeCatalog, sort: Sort, clock: HeldClock
) -> None:
    """D2"""
    for n in range(23):
        await catalog.save(film(f"Film {n:02}", year=1900 + n % 5))
        clock.advance(1)
    names: list[str] = []
    token = None
    for round_ in range(10):
        page = await catalog.browse(GROWN, sort=sort, page_token=token, limit=5)
        names += [card.name for card in page.cards]
        token = page.next_page_token
        if round_ == 1:
            await catalog.save(film("Aaa", year=2020))
        if token is None:
            break
    old = [name for name in names if name != "Aaa"]
    assert sorted(old) == [f"Film {n:02}" for n in range(23)]
    if sort is Sort.NAME:
        assert old == sorted(old)
    if sort is Sort.NEW:
        assert old == sorted(old, reverse=True), "what was added last comes first"


async def test_browsing_filters_by_genre_and_kind(catalog: WholeCatalog) -> None:
    await fill(
        catalog, film("A", genres=("horror",)), film("B"), series("C", 1, genres=("horror",))
    )
    page = await catalog.browse(GROWN, genre="horror", kind=TitleKind.SERIES)
    assert [card.name for card in page.cards] == ["C"]


async def test_a_bad_page_token_or_limit_is_refused(catalog: WholeCatalog) -> None:
    for n in range(3):
        await catalog.save(film(f"Film {n}"))
    page = await catalog.browse(GROWN, limit=1)
    with pytest.raises(BadPageToken):
        await catalog.browse(GROWN, sort=Sort.NAME, page_token=page.next_page_token)
    with pytest.raises(BadPageToken):
        await catalog.browse(GROWN, page_token="nonsense")
    with pytest.raises(Invalid):
        await catalog.browse(GROWN, limit=101)


async def test_genres_speak_the_viewers_language(catalog: WholeCatalog) -> None:
    await fill(catalog, film("A", genres=("horror", "comedy")), film("B", genres=("comedy",)))
    found = await catalog.genres(viewer(locale="fr"))
    assert [(genre.name, genre.titles) for genre in found] == [("Comédie", 2), ("Horreur", 1)]


async def test_titles_are_found_by_the_beginning_of_their_name(catalog: WholeCatalog) -> None:
    words = (Wording(locale="en", name="Dawn"), Wording(locale="fr", name="L'Aube"))
    hidden = film("Dax", maturity=Maturity.EIGHTEEN)
    await fill(catalog, film("Dawn", wordings=words), film("Day"), hidden)
    kid = viewer(maturity=Maturity.SEVEN)
    assert [card.name for card in await catalog.named("DA", kid)] == ["Dawn", "Day"]
    assert [card.name for card in await catalog.named("da", kid, limit=1)] == ["Dawn"]
    assert [card.name for card in await catalog.named("l'a", viewer(locale="fr"))] == ["L'Aube"]
    assert await catalog.named("", kid) == []


async def test_a_kept_order_follows_every_change(catalog: WholeCatalog) -> None:
    """One language's words appear after somebody has browsed without them."""
    await fill(catalog, film("Zorro"), film("Beau"))
    french = viewer(locale="fr-CA")

    async def names() -> list[str]:
        page = await catalog.browse(french, sort=Sort.NAME)
        return [card.name for card in page.cards]

    assert await names() == ["Beau", "Zorro"]
    words = (Wording(locale="en", name="Zorro"), Wording(locale="fr", name="Audace"))
    await catalog.save(film("Zorro", wordings=words))
    assert await names() == ["Audace", "Beau"]
    await catalog.take_down(TitleId("ttl_beau"))
    assert await names() == ["Audace"]


async def test_genres_are_counted_anew_when_a_title_changes_or_a_window_opens(
    catalog: WholeCatalog, clock: HeldClock
) -> None:
    def window(from_ms: int) -> tuple[Window, ...]:
        return (Window(from_ms=from_ms),)

    async def counts() -> dict[str, int]:
        return {genre.slug: genre.titles for genre in await catalog.genres(GROWN)}

    later = clock.now_ms() + DAY
    await fill(
        catalog,
        film("A", genres=("horror",)),
        film("B", genres=("horror", "drama"), windows=window(later)),
    )
    assert await counts() == {"horror": 1}
    clock.advance(DAY / 1000)
    assert await counts() == {"horror": 2, "drama": 1}
    await catalog.save(film("A", genres=("comedy",)))
    assert await counts() == {"horror": 1, "drama": 1, "comedy": 1}
    await catalog.take_down(TitleId("ttl_b"))
    assert await counts() == {"comedy": 1}


async def test_indexers_walk_all_titles(catalog: WholeCatalog) -> None:
    for n in range(7):
        await catalog.save(film(f"Film {n}"))
    first = await catalog.all_titles(limit=4)
    rest = await catalog.all_titles(after=first[-1].id, limit=4)
    assert [t.id for t in (*first, *rest)] == [f"ttl_film-{n}" for n in range(7)]


@pytest.mark.long
async def test_more_titles_than_are_read_at_once_are_all_there(
    rows: Rows, catalog: WholeCatalog, outbox: MemoryOutbox, clock: HeldClock
) -> None:
    await asyncio.gather(*(catalog.save(film(f"Film {n:03}")) for n in range(SLICE * 2)))
    other = WholeCatalog(rows=rows, outbox=outbox, blobs=MemoryBlobs(), clock=clock)
    known, token = [], None
    while True:
        page = await other.browse(GROWN, sort=Sort.NAME, page_token=token, limit=100)
        known += [card.name for card in page.cards]
        token = page.next_page_token
        if token is None:
            break
    assert known == [f"Film {n:03}" for n in range(SLICE * 2)]
