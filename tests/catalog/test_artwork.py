"""I11: pictures taken from the film fill what nobody has set, and nothing else."""

from typing import Any, get_args

import pytest

from tests.catalog.setup import MemoryOutbox, WholeCatalog, film, series
from tests.conftest import OpenRows
from vitascope.catalog import Artwork, NoSuchTitle, Taken, Title, TitleChanged, pictures
from vitascope.catalog.contract.title import ArtworkField
from vitascope.engines.rows import Rows
from vitascope.kernel.ids import ContentId, EpisodeId, TitleId

TAKEN = Artwork(
    poster="p.webp", landscape="l.webp", billboard="b.webp", preview="v.mp4", tint="#402010"
)
FIELDS: tuple[ArtworkField, ...] = get_args(ArtworkField)
FILM = film("Film")
CONTENT = ContentId(FILM.id)
SAGA = series("Saga", 2)
FIRST, SECOND = (ContentId(each.id) for each in SAGA.seasons[0].episodes)


@pytest.fixture
async def rows(open_rows: OpenRows) -> Rows:
    return await open_rows("catalog")


@pytest.fixture
async def catalog(catalog: WholeCatalog, outbox: MemoryOutbox) -> WholeCatalog:
    await catalog.save(FILM)
    await catalog.save(SAGA)
    outbox.heard.clear()
    return catalog


async def seen(catalog: WholeCatalog, title_id: TitleId = FILM.id) -> Title:
    return (await catalog.titles([title_id]))[0]


def taken(**changes: str) -> Artwork:
    pictures: dict[str, Any] = {name: getattr(TAKEN, name) for name in FIELDS}
    return Artwork(**{**pictures, **changes})


def own(artwork: Artwork) -> list[str]:
    return [getattr(artwork, name) for name in FIELDS]


def ours(artwork: Artwork) -> set[str]:
    return {one.field for one in artwork.from_film}


async def test_a_bare_film_gets_all_of_it_once(catalog: WholeCatalog, outbox: MemoryOutbox) -> None:
    await catalog.illustrate(FILM.id, CONTENT, TAKEN)
    await catalog.illustrate(FILM.id, CONTENT, TAKEN)
    artwork = (await seen(catalog)).artwork
    assert own(artwork) == own(TAKEN)
    assert artwork.from_film == tuple(Taken(field=each, content_id=CONTENT) for each in FIELDS)
    assert outbox.heard == [TitleChanged(title_id=FILM.id)]


async def test_what_a_person_set_is_kept_field_by_field(catalog: WholeCatalog) -> None:
    await catalog.set_artwork(FILM.id, Artwork(poster="mine.webp", tint="#000033"))
    await catalog.illustrate(FILM.id, CONTENT, TAKEN)
    artwork = (await seen(catalog)).artwork
    assert own(artwork) == ["mine.webp", "l.webp", "b.webp", "v.mp4", "#000033"]
    assert ours(artwork) == {"landscape", "billboard", "preview"}


async def test_a_person_may_take_over_and_what_they_leave_empty_stays(
    catalog: WholeCatalog,
) -> None:
    await catalog.illustrate(FILM.id, CONTENT, TAKEN)
    await catalog.set_artwork(FILM.id, Artwork(poster="mine.webp", landscape="l.webp"))
    artwork = (await seen(catalog)).artwork
    assert own(artwork) == ["mine.webp", "l.webp", "b.webp", "v.mp4", "#402010"]
    assert ours(artwork) == {"landscape", "billboard", "preview", "tint"}
    await catalog.illustrate(FILM.id, CONTENT, taken(poster="p2.webp", billboard="b2.webp"))
    assert own((await seen(catalog)).artwork)[:3] == ["mine.webp", "l.webp", "b2.webp"]


async def test_a_later_version_of_the_film_replaces_what_was_taken_from_it(
    catalog: WholeCatalog,
) -> None:
    await catalog.illustrate(FILM.id, CONTENT, TAKEN)
    await catalog.illustrate(FILM.id, CONTENT, taken(poster="p2.webp", preview=""))
    artwork = (await seen(catalog)).artwork
    assert (artwork.poster, artwork.preview) == ("p2.webp", "")
    assert "preview" not in ours(artwork)


async def test_a_series_shows_its_first_episode_until_somebody_draws_for_it(
    catalog: WholeCatalog,
) -> None:
    await catalog.illustrate(SAGA.id, FIRST, TAKEN)
    await catalog.illustrate(SAGA.id, SECOND, taken(landscape="l2.webp"))
    saga = await seen(catalog, SAGA.id)
    first, second = saga.seasons[0].episodes
    assert own(saga.artwork) == own(first.artwork) == own(TAKEN)
    assert second.artwork.landscape == "l2.webp"
    await catalog.illustrate(SAGA.id, FIRST, taken(landscape="l1.webp"))
    assert (await seen(catalog, SAGA.id)).artwork.landscape == "l1.webp"


async def test_an_episode_drawn_by_hand_is_kept(catalog: WholeCatalog) -> None:
    mine = Artwork(landscape="mine.webp")
    await catalog.set_artwork(SAGA.id, mine, episode_id=EpisodeId(FIRST))
    await catalog.illustrate(SAGA.id, FIRST, TAKEN)
    (first, _) = (await seen(catalog, SAGA.id)).seasons[0].episodes
    assert (first.artwork.landscape, first.artwork.poster) == ("mine.webp", "p.webp")


async def test_a_partner_who_saves_the_words_keeps_the_pictures(catalog: WholeCatalog) -> None:
    await catalog.illustrate(FILM.id, CONTENT, TAKEN)
    for copy in (FILM, await seen(catalog)):
        saved = await catalog.save(copy)
        assert own(saved.artwork) == own(TAKEN)
        assert ours(saved.artwork) == set(FIELDS)


async def test_a_content_of_another_title_is_refused(catalog: WholeCatalog) -> None:
    for title_id, content in ((FILM.id, FIRST), (SAGA.id, CONTENT), (SAGA.id, ContentId(SAGA.id))):
        with pytest.raises(NoSuchTitle):
            await catalog.illustrate(title_id, content, TAKEN)
    assert (await seen(catalog)).artwork == (await seen(catalog, SAGA.id)).artwork == Artwork()


@pytest.mark.parametrize("digits", ["9" * 5000, "0" * 5000, "٣"])
def test_a_range_that_is_no_number_is_ignored(digits: str) -> None:
    """RFC 9110 lets a server ignore it; Python reads no number of 5,000 digits."""
    for header in (f"bytes={digits}-", f"bytes=0-{digits}", f"bytes={digits}-{digits}"):
        assert pictures.asked_for(header, 100) is None
    assert pictures.asked_for("bytes=10-19", 100) == range(10, 20)
