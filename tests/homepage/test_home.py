"""D2, D8, D9: the home page and the title's, with everything up."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from tests.catalog.setup import GROWN, KID, asset, film, series, viewer
from tests.clocks import PATIENT_S
from tests.homepage.setup import Setup
from tests.homepage.shelf import everything, publish, row, until, watch
from vitascope.catalog import Artwork, NoSuchTitle, Wording
from vitascope.homepage.settings import HomepageSettings
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.country import Country, Window
from vitascope.kernel.ids import TitleId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.pages import BadPageToken, page_token
from vitascope.kernel.viewer import Viewer
from vitascope.viewing import Thumb


async def test_the_billboard_has_a_picture_where_any_title_has_one(setup: Setup) -> None:
    playable = [title for title in await setup.catalog.all_titles() if title.playable]
    drawn = playable[-1]
    await setup.catalog.set_artwork(
        drawn.id, Artwork(landscape="wide.webp", billboard="pictured.webp")
    )
    home = await setup.homepage.home(GROWN)
    assert home.billboard is not None
    assert home.billboard.tile.card.id == drawn.id


async def test_no_title_heads_the_page_that_is_not_presentable(setup: Setup) -> None:
    for title in await setup.catalog.all_titles():
        await setup.catalog.set_artwork(title.id, Artwork())
    assert (await setup.homepage.home(GROWN)).billboard is None


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
    await setup.catalog.set_artwork(
        TitleId("ttl_saga"), Artwork(landscape="wide.webp", billboard="saga.webp")
    )
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
    await setup.catalog.set_artwork(
        TitleId("ttl_late"), Artwork(landscape="wide.webp", billboard="late.webp")
    )
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


async def test_a_long_list_is_not_read_whole_for_its_row(setup: Setup, clock: HeldClock) -> None:
    """What is put aside grows with a profile, and the row shows the newest."""
    for n in range(30):
        await setup.viewing.add_to_list(GROWN.profile_id, TitleId(f"ttl_drama-{n}"))
        clock.advance(1)
    asked: list[int] = []
    cards = setup.catalog.cards

    async def counted(title_ids: Sequence[TitleId], who: Viewer) -> Any:
        asked.append(len(title_ids))
        return await cards(title_ids, who)

    setup.catalog.cards = counted
    short = HomepageSettings(row_limit=5, top_tiles=5)
    home = await setup.again(clock=clock, settings=short).home(GROWN)
    newest = {f"Drama {n}" for n in range(25, 30)}
    assert {tile.card.name for tile in row(home, "list").tiles} == newest
    assert asked
    assert 30 not in asked
    assert (await setup.homepage.title(GROWN, TitleId("ttl_drama-0"))).in_list


async def test_what_is_the_profile_s_own_is_asked_for_beside_the_cards(setup: Setup) -> None:
    await setup.homepage.home(GROWN)  # prepared
    together = asyncio.Barrier(2)  # never passed by one that is waited for
    cards, recent = setup.catalog.cards, setup.viewing.recent

    async def met_cards(title_ids: Sequence[TitleId], who: Viewer) -> Any:
        if len(title_ids) > 1:
            await together.wait()
        return await cards(title_ids, who)

    async def met_recent(*given: Any, **more: Any) -> Any:
        await together.wait()
        return await recent(*given, **more)

    setup.catalog.cards, setup.viewing.recent = met_cards, met_recent
    async with asyncio.timeout(PATIENT_S):
        assert (await setup.homepage.home(GROWN)).degraded == ()


async def test_what_came_last_is_the_first_of_the_new(setup: Setup, clock: HeldClock) -> None:
    clock.advance(1)
    await setup.viewing.give_thumb(GROWN.profile_id, TitleId("ttl_comedy-0"), Thumb.LOVE)
    await setup.catalog.save(film("Latest"))
    await publish(setup, film("Latest"))
    assert row(await setup.homepage.home(GROWN), "new").tiles[0].card.name == "Latest"


async def test_a_profile_that_changes_its_language_or_country_has_another_page_at_once(
    setup: Setup,
) -> None:
    abroad = (Window(country=Country("US")),)
    over_there = film("Over There", genres=("comedy",), windows=abroad)
    await setup.catalog.save(over_there)
    await publish(setup, over_there)
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
    await publish(setup, *wars)
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


@pytest.mark.parametrize("down", ["", "recommend"])
async def test_what_is_coming_has_one_row_and_stands_behind_what_can_be_played(
    setup: Setup, down: str
) -> None:
    if down:
        setup.recommend.broken = "fails"
    for title in ("ttl_drama-3", "ttl_drama-20"):
        await setup.viewing.add_to_list(GROWN.profile_id, TitleId(title))
    home = await everything(setup, GROWN)
    assert [one.id for one in home.rows if not one.tiles[0].card.playable] == ["soon"]
    for one in home.rows:
        ready = [tile.card.playable for tile in one.tiles]
        assert ready == sorted(ready, reverse=True)
        assert all(ready) or one.id in ("soon", "list")
    soon = row(home, "soon")
    assert soon.heading == "Coming soon"
    assert len(soon.tiles) == 20
    page = await setup.homepage.title(GROWN, TitleId("ttl_drama-3"))
    ready = [card.playable for card in page.similar]
    assert ready == sorted(ready, reverse=True)


async def test_the_heading_tells_what_was_liked_from_what_was_watched(setup: Setup) -> None:
    await setup.viewing.give_thumb(GROWN.profile_id, TitleId("ttl_comedy-0"), Thumb.LOVE)
    await watch(setup, "ttl_horror-0", 60_000)
    home = await setup.homepage.home(GROWN)
    assert row(home, "because:ttl_comedy-0").heading == "Because you liked Comedy 0"
    assert row(home, "because:ttl_horror-0").heading == "Because you watched Horror 0"


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
    coming = await setup.homepage.title(GROWN, TitleId("ttl_drama-20"))
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
