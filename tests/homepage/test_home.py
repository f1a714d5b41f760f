"""D2, D8, D9, G3: the home page, with everything up and with anything down."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

from tests.catalog.setup import GROWN, KID, asset, film, series, viewer
from tests.conftest import OpenRows
from tests.homepage.setup import Setup
from vitascope.catalog import Artwork, Credit, CreditRole, NoSuchTitle, Title, Wording
from vitascope.homepage import Home, HomeRow
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.country import Country, Window
from vitascope.kernel.ids import ContentId, PersonId, ProfileId, SessionId, TitleId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.pages import BadPageToken, page_token
from vitascope.viewing import Progress, Thumb

T = TypeVar("T")


def by(name: str) -> tuple[Credit, ...]:
    return (Credit(person_id=PersonId(f"per_{name}"), name=name, role=CreditRole.DIRECTOR),)


def shelf_of_films() -> list[Title]:
    saga = series("Saga", 2, 1, genres=("adventure",))
    return [
        *(film(f"Comedy {n}", genres=("comedy",), credits=by("Keaton")) for n in range(9)),
        *(film(f"Horror {n}", genres=("horror",), maturity=Maturity.SIXTEEN) for n in range(5)),
        *(film(f"Drama {n}", credits=by("Murnau") if n < 2 else ()) for n in range(30)),
        saga,
    ]


@pytest.fixture
async def setup(open_sqlite: OpenRows, clock: HeldClock) -> Setup:
    setup = await Setup().open(open_sqlite, clock)
    await asyncio.gather(*(setup.catalog.save(title) for title in shelf_of_films()))
    for content in ("ttl_comedy-0", "ttl_comedy-1", "ttl_horror-0"):
        await setup.catalog.publish(TitleId(content), asset(content))
    for content in ("epi_saga-1-1", "epi_saga-1-2", "epi_saga-2-1"):
        await setup.catalog.publish(TitleId("ttl_saga"), asset(content))
    await setup.learn()
    return setup


async def watch(
    setup: Setup,
    content: str,
    position_ms: int,
    *,
    title: str | None = None,
    profile: ProfileId = GROWN.profile_id,
    at_ms: int = 1,
) -> None:
    await setup.viewing.record(
        [
            Progress(
                profile_id=profile,
                content_id=ContentId(content),
                title_id=TitleId(title or content),
                position_ms=position_ms,
                duration_ms=60_000,
                session_id=SessionId(f"ses_{at_ms}"),
                session_started_at_ms=at_ms,
                sequence=1,
                at_ms=at_ms,
            )
        ]
    )


async def until(true: Callable[[], bool]) -> None:
    """While what was begun behind an answer goes on."""
    async with asyncio.timeout(120):
        while not true():
            await asyncio.sleep(0.02)


async def patiently(clock: HeldClock, asked: Coroutine[Any, Any, T]) -> T:
    """The answer, while time goes on: what hangs is waited for until its limit passes. Whatever a
    thread is busy with costs no time."""
    loop, busy = asyncio.get_running_loop(), set[asyncio.Future[Any]]()
    run_in_executor = loop.run_in_executor

    def noted(executor: Any, work: Callable[..., Any], *given: Any) -> asyncio.Future[Any]:
        running = run_in_executor(executor, work, *given)
        busy.add(running)
        running.add_done_callback(busy.discard)
        return running

    loop.run_in_executor = noted  # type: ignore[method-assign,assignment]
    task = asyncio.create_task(asked)
    while not task.done():
        await asyncio.sleep(0.001)
        for _ in range(100):  # what came out of a thread goes on
            await asyncio.sleep(0)
        if not busy:
            clock.advance(0.03)
    return task.result()


def row(home: Home, row_id: str) -> HomeRow:
    return next(row for row in home.rows if row.id == row_id)


async def everything(setup: Setup, who: Any) -> Home:
    """All pages of rows, and all tiles of each row."""
    home = await setup.homepage.home(who)
    rows, token = list(home.rows), home.next_page_token
    while token:
        page = await setup.homepage.home(who, page_token=token)
        rows, token = [*rows, *page.rows], page.next_page_token
    whole = []
    for each in rows:
        tiles, more = list(each.tiles), each.next_page_token
        while more:
            part = await setup.homepage.row(who, more)
            tiles, more = [*tiles, *part.tiles], part.next_page_token
        whole.append(HomeRow(id=each.id, kind=each.kind, heading=each.heading,
                             reason=each.reason, tiles=tuple(tiles)))  # fmt: skip
    return Home(billboard=home.billboard, rows=tuple(whole))


async def test_the_billboard_has_a_picture_where_any_title_has_one(setup: Setup) -> None:
    playable = [title for title in await setup.catalog.all_titles() if title.playable]
    drawn = playable[-1]
    await setup.catalog.set_artwork(drawn.id, Artwork(billboard="pictured.webp"))
    home = await setup.homepage.home(GROWN)
    assert home.billboard is not None
    assert home.billboard.tile.card.id == drawn.id


async def test_a_home_page_has_its_billboard_and_its_rows(setup: Setup) -> None:
    await setup.viewing.add_to_list(GROWN.profile_id, TitleId("ttl_drama-3"))
    await watch(setup, "ttl_comedy-0", 30_000)
    await watch(setup, "ttl_comedy-1", 10_000)
    home = await setup.homepage.home(GROWN)
    kinds = [row.kind for row in home.rows]
    assert kinds[:3] == ["continue", "list", "now"]
    assert {"because", "new", "genre"} <= set(kinds)
    assert home.billboard is not None
    assert home.billboard.tile.card.playable
    assert home.billboard.synopsis
    assert home.degraded == ()
    because = row(home, "because:ttl_comedy-0")
    assert because.reason == "Also Keaton"
    assert "ttl_comedy-1" not in [tile.card.id for tile in because.tiles], "it was watched"


async def test_the_billboard_begins_a_series_with_its_first_episode_and_goes_on_with_it(
    setup: Setup, clock: HeldClock
) -> None:
    await setup.catalog.set_artwork(TitleId("ttl_saga"), Artwork(billboard="saga.webp"))
    begins = (await setup.homepage.home(GROWN)).billboard
    assert begins is not None
    assert begins.tile.card.id == "ttl_saga"
    assert begins.tile.episode is not None
    assert (begins.tile.content_id, begins.tile.episode.number) == ("epi_saga-1-1", 1)
    assert begins.tile.position_ms is None
    await watch(setup, "epi_saga-1-2", 20_000, title="ttl_saga")
    goes_on = (await setup.homepage.home(GROWN)).billboard
    assert goes_on is not None
    assert (goes_on.tile.content_id, goes_on.tile.position_ms) == ("epi_saga-1-2", 20_000)


async def test_a_series_begins_with_the_first_episode_that_can_be_played(setup: Setup) -> None:
    await setup.catalog.save(series("Late", 3, genres=("adventure",)))
    await setup.catalog.publish(TitleId("ttl_late"), asset("epi_late-1-2"))
    await setup.catalog.set_artwork(TitleId("ttl_late"), Artwork(billboard="late.webp"))
    billboard = (await setup.homepage.home(GROWN)).billboard
    assert billboard is not None
    assert billboard.tile.content_id == "epi_late-1-2"


async def test_headings_speak_the_profiles_language(setup: Setup) -> None:
    home = await setup.homepage.home(viewer(locale="fr", profile="pro_fr"))
    headings = [row.heading for row in home.rows]
    assert "Nouveau sur Vitascope" in headings
    assert "Comédie" in headings


async def test_continue_watching_is_live_and_goes_on_with_the_next_episode(setup: Setup) -> None:
    await setup.homepage.home(GROWN)  # now it is cached
    await watch(setup, "epi_saga-1-2", 59_000, title="ttl_saga", at_ms=1)
    await watch(setup, "ttl_comedy-0", 20_000, at_ms=2)
    await watch(setup, "ttl_comedy-1", 60_000, at_ms=3)  # finished: nothing to go on with
    await watch(setup, "ttl_horror-0", 1_000, at_ms=4)  # a slip of the remote
    found = row(await setup.homepage.home(GROWN), "continue").tiles
    assert [(tile.content_id, tile.position_ms) for tile in found] == [
        ("ttl_comedy-0", 20_000),
        ("epi_saga-2-1", 0),
    ]
    assert found[1].episode is not None
    assert (found[1].episode.season, found[1].episode.number) == (2, 1)


async def test_my_list_is_live(setup: Setup, clock: HeldClock) -> None:
    await setup.homepage.home(GROWN)
    await setup.viewing.add_to_list(GROWN.profile_id, TitleId("ttl_drama-3"))
    clock.advance(1)
    await setup.viewing.add_to_list(GROWN.profile_id, TitleId("ttl_drama-1"))
    home = await setup.homepage.home(GROWN)
    assert [tile.card.name for tile in row(home, "list").tiles] == ["Drama 1", "Drama 3"]


async def test_what_came_last_is_the_first_of_the_new(setup: Setup, clock: HeldClock) -> None:
    clock.advance(1)
    await setup.catalog.save(film("Latest"))
    assert row(await setup.homepage.home(GROWN), "new").tiles[0].card.name == "Latest"


async def test_a_profile_that_changes_its_language_or_country_has_another_page_at_once(
    setup: Setup,
) -> None:
    abroad = (Window(country=Country("US")),)
    await setup.catalog.save(film("Over There", genres=("comedy",), windows=abroad))
    before = await everything(setup, GROWN)
    french = await everything(setup, viewer(locale="fr", profile=GROWN.profile_id))
    assert row(before, "new").heading != row(french, "new").heading
    moved = await everything(setup, viewer(country="US", profile=GROWN.profile_id))
    assert [len(row(home, "genre:comedy").tiles) for home in (before, moved)] == [9, 10]


async def test_the_prepared_part_is_made_once_in_five_minutes(
    setup: Setup, clock: HeldClock
) -> None:
    for _ in range(5):
        await setup.homepage.home(GROWN)
        clock.advance(50)
    assert setup.catalog.calls.count("genres") == 1
    clock.advance(300)
    await setup.homepage.home(GROWN)
    await until(lambda: setup.catalog.calls.count("genres") > 1)
    assert setup.catalog.calls.count("genres") == 2


async def test_a_title_taken_down_leaves_a_cached_page_at_once(setup: Setup) -> None:
    await setup.homepage.home(GROWN)
    await setup.catalog.take_down(TitleId("ttl_comedy-0"))
    home = await everything(setup, GROWN)
    shown = {tile.card.id for row in home.rows for tile in row.tiles}
    assert "ttl_comedy-0" not in shown
    assert home.billboard is not None
    assert home.billboard.tile.card.id != "ttl_comedy-0"


async def test_no_heading_names_a_title_that_has_gone(setup: Setup) -> None:
    await watch(setup, "ttl_comedy-0", 30_000)
    named = row(await setup.homepage.home(GROWN), "because:ttl_comedy-0")
    assert named.heading.endswith("Comedy 0")
    await setup.catalog.take_down(TitleId("ttl_comedy-0"))
    home = await setup.homepage.home(GROWN)
    assert not [one.heading for one in home.rows if "Comedy 0" in one.heading]
    later = await setup.homepage.row(GROWN, page_token(("because:ttl_comedy-0", 1, 5)))
    assert (later.heading, later.tiles) == ("", ())


async def test_rows_and_tiles_come_in_pages_that_miss_nothing(setup: Setup) -> None:
    wars = [film(f"War {n:02}", genres=("war",)) for n in range(90)]
    await asyncio.gather(*(setup.catalog.save(war) for war in wars))
    home = await setup.homepage.home(GROWN, device_type="phone")
    assert all(len(row.tiles) <= 12 for row in home.rows)
    whole = await everything(setup, GROWN)
    ids = [row.id for row in whole.rows]
    assert len(ids) == len(set(ids))
    war = [tile.card.id for tile in row(whole, "genre:war").tiles]
    assert len(war) == len(set(war)) == 75
    assert {"genre:comedy", "genre:horror", "genre:drama", "new"} <= set(ids)


async def test_bad_page_tokens_are_refused(setup: Setup) -> None:
    with pytest.raises(BadPageToken):
        await setup.homepage.home(GROWN, page_token="???")
    with pytest.raises(BadPageToken):
        await setup.homepage.home(GROWN, page_token=page_token(-3))
    with pytest.raises(BadPageToken):
        await setup.homepage.row(GROWN, "abc")


async def test_no_title_is_met_again_and_again_at_the_top(setup: Setup) -> None:
    home = await setup.homepage.home(GROWN)
    tops = Counter(
        tile.card.id
        for row in home.rows
        if row.kind not in ("continue", "list")
        for tile in row.tiles[:4]
    )
    assert max(tops.values()) <= 2


async def test_thumbs_bend_the_page(setup: Setup) -> None:
    await setup.viewing.give_thumb(GROWN.profile_id, TitleId("ttl_horror-1"), Thumb.LOVE)
    await setup.viewing.give_thumb(GROWN.profile_id, TitleId("ttl_comedy-0"), Thumb.DOWN)
    home = await setup.homepage.home(GROWN)
    genres = [row.id for row in home.rows if row.kind == "genre"]
    assert genres[0] == "genre:horror"
    assert home.billboard is not None
    assert home.billboard.tile.card.id != "ttl_comedy-0"


# -- G3: with anything down


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


# -- the title's page


async def test_a_title_page_knows_the_profile(setup: Setup) -> None:
    await setup.viewing.add_to_list(GROWN.profile_id, TitleId("ttl_saga"))
    await setup.viewing.give_thumb(GROWN.profile_id, TitleId("ttl_saga"), Thumb.UP)
    await watch(setup, "epi_saga-1-1", 60_000, title="ttl_saga", at_ms=1)
    await watch(setup, "epi_saga-1-2", 12_000, title="ttl_saga", at_ms=2)
    page = await setup.homepage.title(GROWN, TitleId("ttl_saga"))
    assert (page.in_list, page.thumb) == (True, Thumb.UP)
    assert page.resume is not None
    assert (page.resume.content_id, page.resume.position_ms) == ("epi_saga-1-2", 12_000)
    assert page.positions == {"epi_saga-1-1": 60_000, "epi_saga-1-2": 12_000}


async def test_play_begins_at_the_beginning(setup: Setup) -> None:
    saga = await setup.homepage.title(GROWN, TitleId("ttl_saga"))
    assert saga.resume is not None
    assert (saga.resume.content_id, saga.resume.position_ms) == ("epi_saga-1-1", 0)
    coming = await setup.homepage.title(GROWN, TitleId("ttl_drama-1"))
    assert coming.resume is None


async def test_history_and_my_list_have_their_pages(setup: Setup) -> None:
    await watch(setup, "ttl_comedy-0", 20_000, at_ms=1)
    await watch(setup, "epi_saga-1-1", 20_000, title="ttl_saga", at_ms=2)
    history = await setup.homepage.history(GROWN)
    assert [(item.card.name, item.position_ms) for item in history.items] == [
        ("Saga", 20_000),
        ("Comedy 0", 20_000),
    ]
    await setup.viewing.add_to_list(GROWN.profile_id, TitleId("ttl_drama-3"))
    assert [card.name for card in (await setup.homepage.my_list(GROWN)).cards] == ["Drama 3"]


# -- D9: a kids profile, by every path


async def test_a_kids_profile_gets_nothing_above_its_level_by_any_path(setup: Setup) -> None:
    horror = TitleId("ttl_horror-0")
    await watch(setup, horror, 30_000, profile=KID.profile_id)
    await setup.viewing.add_to_list(KID.profile_id, horror)
    await setup.viewing.give_thumb(KID.profile_id, horror, Thumb.LOVE)
    home = await everything(setup, KID)
    shown = [tile.card for row in home.rows for tile in row.tiles]
    assert shown
    assert all(card.maturity <= Maturity.SEVEN for card in shown)
    assert home.billboard is not None
    assert home.billboard.tile.card.maturity <= Maturity.SEVEN
    assert not [row for row in home.rows if "horror" in row.id or "Horror" in row.heading]
    assert (await setup.homepage.history(KID)).items == ()
    assert (await setup.homepage.my_list(KID)).cards == ()
    assert (await setup.homepage.search(KID, "horror 0")).cards == ()
    assert not [s for s in (await setup.homepage.search(KID, "horror")).suggestions if "orror" in s]
    similar = (await setup.homepage.title(KID, TitleId("ttl_comedy-0"))).similar
    assert all(card.maturity <= Maturity.SEVEN for card in similar)
    with pytest.raises(NoSuchTitle):
        await setup.homepage.title(KID, horror)


async def test_a_profile_made_a_childs_does_not_see_its_old_page(setup: Setup) -> None:
    await setup.homepage.home(GROWN)
    child = viewer(maturity=Maturity.SEVEN, kids=True, profile=GROWN.profile_id)
    home = await everything(setup, child)
    assert all(t.card.maturity <= Maturity.SEVEN for row in home.rows for t in row.tiles)


async def test_names_follow_the_profiles_language_everywhere(setup: Setup) -> None:
    words = (Wording(locale="en", name="Dawn"), Wording(locale="fr", name="L'Aurore"))
    await setup.catalog.save(film("Dawn", wordings=words))
    await setup.learn()
    french = viewer(locale="fr", profile="pro_fr")
    assert (await setup.homepage.title(french, TitleId("ttl_dawn"))).title.card.name == "L'Aurore"
    assert (await setup.homepage.search(french, "dawn")).cards[0].name == "L'Aurore"
