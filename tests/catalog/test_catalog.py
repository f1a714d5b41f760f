"""D1, D9, I13: titles, who may see them, and the one flip that publishes."""

import asyncio

import msgspec
import pytest

from tests.catalog.setup import (
    DAY,
    GROWN,
    KID,
    MemoryBlobs,
    MemoryOutbox,
    WholeCatalog,
    asset,
    fill,
    film,
    series,
    viewer,
)
from tests.conftest import OpenRows
from vitascope.catalog import (
    Artwork,
    BadTitle,
    NoSuchTitle,
    NotYetPlayable,
    Title,
    TitleChanged,
    TitlePublished,
    TitleState,
    TitleTakenDown,
    Wording,
)
from vitascope.catalog.store import metadata
from vitascope.engines.rows import Rows
from vitascope.engines.rows.migrate import drift
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.country import Country, Window
from vitascope.kernel.ids import ContentId, EpisodeId, TitleId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.viewer import Viewer


@pytest.fixture
async def rows(open_rows: OpenRows) -> Rows:
    return await open_rows("catalog")


async def seen(catalog: WholeCatalog, who: Viewer) -> list[TitleId]:
    """All that `who` may browse, newest first."""
    return [card.id for card in (await catalog.browse(who, limit=100)).cards]


async def test_the_migrations_make_the_tables_that_the_store_knows(rows: Rows) -> None:
    assert await rows.read(lambda connection: drift(connection, metadata)) == []


async def test_a_saved_title_is_seen_and_announced_once(
    catalog: WholeCatalog, outbox: MemoryOutbox
) -> None:
    await catalog.save(film("Sunrise"))
    await catalog.save(film("Sunrise"))
    assert [card.name for card in await catalog.cards([TitleId("ttl_sunrise")], GROWN)] == [
        "Sunrise"
    ]
    assert outbox.heard == [TitleChanged(title_id=TitleId("ttl_sunrise"))]


async def test_another_process_sees_every_change(
    rows: Rows, catalog: WholeCatalog, outbox: MemoryOutbox, clock: HeldClock
) -> None:
    other = WholeCatalog(rows=rows, outbox=outbox, blobs=MemoryBlobs(), clock=clock)
    assert await seen(other, GROWN) == []
    await asyncio.gather(*(catalog.save(film(f"Film {n}")) for n in range(12)))
    clock.advance(0.1)
    assert len(await seen(other, GROWN)) == 12
    await catalog.take_down(TitleId("ttl_film-3"))
    assert TitleId("ttl_film-3") not in await seen(catalog, GROWN)  # its own change at once
    clock.advance(0.1)
    assert TitleId("ttl_film-3") not in await seen(other, GROWN)


async def test_a_read_that_began_before_a_change_does_not_hide_it(
    rows: Rows, outbox: MemoryOutbox, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = WholeCatalog(rows=rows, outbox=outbox, blobs=MemoryBlobs(), clock=clock)
    titles = catalog._memory._store
    real, begun, go_on = titles.changed, asyncio.Event(), asyncio.Event()

    async def slow(since: int, limit: int) -> tuple[int, list[Title]]:
        found = await real(since, limit)
        begun.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(titles, "changed", slow)
    reading = asyncio.create_task(seen(catalog, GROWN))
    await begun.wait()
    await catalog.save(film("New"))
    go_on.set()
    await reading
    assert await seen(catalog, GROWN) == [TitleId("ttl_new")]


@pytest.mark.parametrize(
    "hidden",
    [
        film("Grown", maturity=Maturity.THIRTEEN),
        film("Elsewhere", windows=(Window(country=Country("US")),)),
        film("Later", windows=(Window(from_ms=1_900_000_000_000),)),
        film("Over", windows=(Window(until_ms=1_600_000_000_000),)),
    ],
    ids=lambda title: title.id,
)
async def test_no_path_shows_what_is_not_for_the_viewer(
    catalog: WholeCatalog, hidden: Title
) -> None:
    """D9: every call that takes a viewer, one by one."""
    saga = msgspec.structs.replace(
        series("Saga", 2), maturity=hidden.maturity, windows=hidden.windows
    )
    await fill(catalog, hidden, saga, film("Open"))
    first, second = (ContentId(e.id) for e in saga.seasons[0].episodes)
    for content in (hidden.id, first, second):
        await catalog.publish(hidden.id if content == hidden.id else saga.id, asset(content))
    await _refused_everywhere(catalog, hidden.id, KID)
    await _refused_everywhere(catalog, saga.id, KID)
    assert await catalog.contents([first, ContentId(hidden.id)], KID) == {}
    assert await catalog.next_episodes([first], KID) == {}
    with pytest.raises(NoSuchTitle):
        await catalog.playable(first, KID)


async def _refused_everywhere(catalog: WholeCatalog, title_id: TitleId, who: Viewer) -> None:
    assert await catalog.cards([title_id], who) == []
    assert title_id not in await seen(catalog, who)
    assert title_id not in [card.id for card in (await catalog.browse(who)).cards]
    assert sum(genre.titles for genre in await catalog.genres(who)) == 1  # the open one
    with pytest.raises(NoSuchTitle):
        await catalog.page(title_id, who)
    with pytest.raises(NoSuchTitle):
        await catalog.playable(ContentId(title_id), who)


async def test_a_kids_profile_that_claims_more_gets_no_more(catalog: WholeCatalog) -> None:
    await fill(catalog, film("Grown", maturity=Maturity.THIRTEEN))
    assert await seen(catalog, viewer(maturity=Maturity.EIGHTEEN, kids=True)) == []


async def test_a_window_opens_and_closes(catalog: WholeCatalog, clock: HeldClock) -> None:
    now = clock.now_ms()
    await fill(catalog, film("Brief", windows=(Window(from_ms=now + DAY, until_ms=now + 2 * DAY),)))
    lengths = []
    for _ in range(3):
        lengths.append(len(await seen(catalog, GROWN)))
        clock.advance(86_400)
    assert lengths == [0, 1, 0]


async def test_a_title_taken_down_is_gone_and_stays_gone(
    catalog: WholeCatalog, outbox: MemoryOutbox
) -> None:
    await fill(catalog, film("Gone"))
    await catalog.take_down(TitleId("ttl_gone"))
    await catalog.take_down(TitleId("ttl_gone"))
    await catalog.save(film("Gone", year=1926))
    await catalog.publish(TitleId("ttl_gone"), asset("ttl_gone"))
    assert await seen(catalog, GROWN) == []
    assert outbox.heard.count(TitleTakenDown(title_id=TitleId("ttl_gone"))) == 1


async def test_publishing_flips_the_pointer_once(
    catalog: WholeCatalog, outbox: MemoryOutbox, clock: HeldClock
) -> None:
    """I13: one transaction; harmless when it points there already; a new version replaces."""
    await fill(catalog, film("Film"))
    content = ContentId("ttl_film")
    with pytest.raises(NotYetPlayable):
        await catalog.playable(content, GROWN)
    await catalog.publish(TitleId("ttl_film"), asset("ttl_film", "v1", height=240, partial=True))
    await catalog.publish(TitleId("ttl_film"), asset("ttl_film", "v1", height=240, partial=True))
    clock.advance(5)
    await catalog.publish(TitleId("ttl_film"), asset("ttl_film", "v2"))
    found = await catalog.playable(content, GROWN)
    assert (found.asset.version, found.name) == ("v2", "Film")
    news = [event for event in outbox.heard if isinstance(event, TitlePublished)]
    assert [(event.version, event.partial) for event in news] == [("v1", True), ("v2", False)]
    (title,) = await catalog.titles([TitleId("ttl_film")])
    assert (title.state, title.playable, title.duration_ms) == (TitleState.PUBLISHED, True, 60_000)
    assert title.published_at_ms == clock.now_ms() - 5000


async def test_a_flip_may_name_what_it_takes_the_place_of(
    catalog: WholeCatalog, outbox: MemoryOutbox
) -> None:
    """I1: of two that are ready at the same moment one is told that it was not the first."""
    await fill(catalog, film("Film"))
    title_id, content = TitleId("ttl_film"), "ttl_film"
    assert not await catalog.publish(title_id, asset(content, "v1"), instead_of="v0")
    ready = [asset(content, version) for version in ("v1", "v2")]
    flips = [catalog.publish(title_id, one, instead_of="") for one in ready]
    assert sorted(await asyncio.gather(*flips)) == [False, True]
    live = await catalog.asset(ContentId(content))
    assert live is not None
    assert await catalog.publish(title_id, live, instead_of="v0"), "it is live already"
    assert await catalog.publish(title_id, asset(content, "v3"), instead_of=live.version)
    news = [event.version for event in outbox.heard if isinstance(event, TitlePublished)]
    assert news == [live.version, "v3"]
    waits = asset(content, "v4")
    assert await catalog.prepare(title_id, waits, instead_of="")
    assert not await catalog.prepare(title_id, asset(content, "v5"), instead_of="")
    assert await catalog.prepare(title_id, asset(content, "v5"), instead_of="v4")


async def test_a_flip_that_fails_leaves_nothing(rows: Rows, clock: HeldClock) -> None:
    class Broken(MemoryOutbox):
        def put(self, *_: object) -> None:
            raise RuntimeError("the announcement failed")

    good = WholeCatalog(rows=rows, outbox=MemoryOutbox(), blobs=MemoryBlobs(), clock=clock)
    await good.save(film("Film"))
    broken = WholeCatalog(rows=rows, outbox=Broken(), blobs=MemoryBlobs(), clock=clock)
    with pytest.raises(RuntimeError):
        await broken.publish(TitleId("ttl_film"), asset("ttl_film"))
    assert await good.asset(ContentId("ttl_film")) is None
    assert not (await good.titles([TitleId("ttl_film")]))[0].playable


async def test_what_a_partner_saves_leaves_what_publishing_owns(catalog: WholeCatalog) -> None:
    saga = series("Saga", 1)
    await fill(catalog, saga)
    await catalog.publish(saga.id, asset(saga.seasons[0].episodes[0].id))
    await catalog.set_artwork(saga.id, Artwork(poster="a.webp"))
    saved = await catalog.save(msgspec.structs.replace(saga, year=1930))
    assert saved.year == 1930
    assert (saved.state, saved.playable) == (TitleState.PUBLISHED, True)
    assert saved.seasons[0].episodes[0].playable
    assert saved.artwork.poster == "a.webp"


async def test_nobody_makes_a_title_playable_by_saying_so(catalog: WholeCatalog) -> None:
    saved = await catalog.save(film("Film", playable=True, state=TitleState.PUBLISHED))
    assert (saved.playable, saved.state) == (False, TitleState.ANNOUNCED)


async def test_publishing_needs_a_content_of_the_title(catalog: WholeCatalog) -> None:
    await fill(catalog, film("Film"), series("Saga", 1))
    with pytest.raises(NoSuchTitle):
        await catalog.publish(TitleId("ttl_film"), asset("ttl_other"))
    with pytest.raises(NoSuchTitle):
        await catalog.publish(TitleId("ttl_saga"), asset("ttl_saga"))


async def test_the_next_episode_crosses_seasons_and_skips_what_cannot_be_played(
    catalog: WholeCatalog,
) -> None:
    saga = series("Saga", 2, 2)
    await fill(catalog, saga)
    ids = [ContentId(e.id) for season in saga.seasons for e in season.episodes]
    for content in (ids[0], ids[2]):
        await catalog.publish(saga.id, asset(content))
    assert await catalog.next_episodes(ids, GROWN) == {ids[0]: ids[2], ids[1]: ids[2]}
    found = await catalog.playable(ids[0], GROWN)
    assert (found.name, found.next_content_id) == ("Saga · S1 E1 · Part 1", ids[2])
    cards = await catalog.contents([ids[2]], GROWN)
    card, episode = cards[ids[2]]
    assert (card.name, episode and episode.number) == ("Saga", 1)


async def test_words_fall_back_from_region_to_language_to_the_first(catalog: WholeCatalog) -> None:
    words = (
        Wording(locale="en", name="Dawn"),
        Wording(locale="fr", name="L'Aurore"),
        Wording(locale="pt-BR", name="Aurora"),
    )
    await fill(catalog, film("Dawn", wordings=words))
    names = []
    for locale in ("fr", "fr-CA", "pt-BR", "pt", "de"):
        (card,) = await catalog.cards([TitleId("ttl_dawn")], viewer(locale=locale))
        names.append(card.name)
    assert names == ["L'Aurore", "L'Aurore", "Aurora", "Dawn", "Dawn"]


async def test_a_page_tells_what_the_asset_has(catalog: WholeCatalog) -> None:
    await fill(catalog, film("Film"))
    await catalog.publish(TitleId("ttl_film"), asset("ttl_film"))
    page = await catalog.page(TitleId("ttl_film"), GROWN)
    assert (page.audio_languages, page.text_languages, page.max_height) == (("fr",), ("en",), 720)


@pytest.mark.parametrize(
    "bad",
    [
        film("A", wordings=()),
        film("A", wordings=(Wording(locale="en", name=" "),)),
        film("A", year=1066),
        film("A", genres=("cheese",)),
        film("A", windows=()),
        film("A", seasons=series("A", 1).seasons),
        msgspec.structs.replace(series("A", 1), id=TitleId("ttl_other")),
    ],
)
async def test_a_title_that_is_not_whole_is_refused(catalog: WholeCatalog, bad: Title) -> None:
    with pytest.raises(BadTitle):
        await catalog.save(bad)


async def test_an_episodes_artwork_is_its_own(catalog: WholeCatalog) -> None:
    saga = series("Saga", 1)
    await fill(catalog, saga)
    episode = EpisodeId("epi_saga-1-1")
    await catalog.set_artwork(saga.id, Artwork(landscape="e.webp"), episode_id=episode)
    (saved,) = await catalog.titles([saga.id])
    assert saved.seasons[0].episodes[0].artwork.landscape == "e.webp"
    assert saved.artwork == Artwork()
