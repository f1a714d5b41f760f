"""D9, D1: no title outside a viewer's scope is told by any path, also while a window opens or
closes. Each title's id, name, person and picture bear a mark of its own, which is looked for in the
whole of every answer."""

import itertools
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.catalog.setup import film, series, viewer
from tests.conftest import OpenRows
from tests.homepage.setup import Setup
from tests.playback import setup as playback_setup
from vitascope.catalog import (
    Artwork,
    Credit,
    CreditRole,
    NoSuchTitle,
    NotYetPlayable,
    Sort,
    Title,
    TitleKind,
)
from vitascope.kernel import path_tokens
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.country import EVERYWHERE, Country, Window
from vitascope.kernel.errors import Refusal
from vitascope.kernel.ids import ContentId, PersonId, ProfileId, SessionId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.media import KeyLabel
from vitascope.kernel.path_tokens import PathTokenRefused
from vitascope.kernel.scope import Scope
from vitascope.kernel.viewer import Viewer
from vitascope.licensing import LicenceTokenRefused
from vitascope.playback import Beat, PlayAnswer, PlayRequest, SessionEnded
from vitascope.recommend import RowsContext, RowsLimit
from vitascope.search.jobs import listen as search_listens
from vitascope.viewing import Progress, Thumb

STEP_MS = 10_000  # windows open or close this long after the titles were made
GENRES = ("drama", "horror")
COUNTRIES = ("FR", "US")
_numbers = itertools.count()


class Wanted(msgspec.Struct, frozen=True):
    """A title to be made."""

    kind: TitleKind
    maturity: Maturity
    country: str
    opens: int  # 0 long ago, 1 after a step, 2 after two
    closes: int  # 0 never
    state: str  # "draft", "announced", "published", "taken-down"
    genre: str


WANTED = st.builds(
    Wanted,
    kind=st.sampled_from(TitleKind),
    maturity=st.sampled_from(Maturity),
    country=st.sampled_from((EVERYWHERE, EVERYWHERE, *COUNTRIES)),
    opens=st.sampled_from((0, 0, 1)),
    closes=st.sampled_from((0, 0, 1)),
    state=st.sampled_from(("draft", "announced", "published", "published", "taken-down")),
    genre=st.sampled_from(GENRES),
)


@st.composite
def viewers(draw: st.DrawFn) -> Viewer:
    return viewer(
        maturity=draw(st.sampled_from(Maturity)),
        kids=draw(st.booleans()),
        country=draw(st.sampled_from(COUNTRIES)),
        profile=f"pro_{next(_numbers)}",
    )


class Place:
    """Home, catalogue, search, recommendation and playback over the same titles."""

    def __init__(self, setup: Setup, plays: playback_setup.Setup, clock: HeldClock) -> None:
        self.setup, self.clock = setup, clock
        self.plays, self.asset = plays, plays.catalog.asset
        plays.billing.plan = playback_setup.plan(streams=10_000)
        self.playback = plays.make(catalog=setup.catalog, viewing=setup.viewing)
        self.titles: dict[str, Title] = {}  # by mark
        self.made: list[Title] = []  # those of earlier rounds too
        self.playing: dict[str, PlayAnswer] = {}  # by mark

    async def make(self, wanted: Wanted) -> None:
        mark = f"zq{next(_numbers):05}x"
        now = self.clock.now_ms()
        opens = now + STEP_MS * wanted.opens if wanted.opens else 0
        closes = now + STEP_MS * wanted.closes if wanted.closes else None
        window = Window(country=Country(wanted.country), from_ms=opens, until_ms=closes)
        made = film if wanted.kind is TitleKind.FILM else _series_of_two
        title = made(
            mark, maturity=wanted.maturity, genres=(wanted.genre,), windows=(window,),
            artwork=Artwork(poster=f"{mark}.webp", billboard=f"{mark}-b.webp"),
            credits=(
                Credit(person_id=PersonId(f"per_{mark}"), name=f"{mark} Person",
                       role=CreditRole.DIRECTOR),
            ),
            state="draft" if wanted.state == "draft" else "announced",
        )  # fmt: skip
        catalog = self.setup.catalog
        await catalog.save(title)
        if wanted.state in ("published", "taken-down"):
            for content in contents_of(title):
                await catalog.publish(title.id, self.package(content))
        if wanted.state == "taken-down":
            await catalog.take_down(title.id)
        (self.titles[mark],) = await catalog.titles([title.id])
        self.made.append(self.titles[mark])

    def package(self, content: ContentId) -> Any:
        return msgspec.structs.replace(self.asset, content_id=content)

    async def watch_everything(self, who: Viewer) -> None:
        """As it was seen, liked and listed before it was out of bounds."""
        for n, title in enumerate(self.titles.values()):
            await self.setup.viewing.add_to_list(who.profile_id, title.id)
            await self.setup.viewing.give_thumb(who.profile_id, title.id, Thumb.LOVE)
            await self.setup.viewing.record([_progress(who.profile_id, title, n)])

    async def told(self, who: Viewer) -> dict[str, bytes]:
        """What every path tells a viewer, written out."""
        catalog, homepage, now = self.setup.catalog, self.setup.homepage, self.clock.now_ms()
        scope = Scope.of(who, now)
        ids = [title.id for title in self.titles.values()]
        contents = [content for title in self.titles.values() for content in contents_of(title)]
        paths: dict[str, Any] = {
            "home": [page async for page in _home(homepage, who)],
            "rows": [row async for row in _rows(homepage, who)],
            "recommended": await self.setup.recommend.rows(
                who.profile_id, scope, RowsContext(), limit=RowsLimit(least=1)
            ),
            "like": [await self.setup.recommend.similar(each, scope) for each in ids],
            "my list": await homepage.my_list(who),
            "history": await homepage.history(who),
            "genres": await catalog.genres(who),
            "cards": await catalog.cards(ids, who),
            "introductions": await catalog.introductions(ids, who),
            "contents": list((await catalog.contents(contents, who)).items()),
            "next episodes": await catalog.next_episodes(contents, who),
            "names": await catalog.named("zq", who, limit=1000),
        }
        for sort, genre in zip(Sort, (None, *GENRES), strict=True):
            pages = [page async for page in _browse(catalog, who, sort, genre)]
            paths[f"catalogue by {sort}, {genre}"] = pages
        for mark in self.titles:
            found = await homepage.search(who, f"{mark} person")
            paths[f"search {mark}"] = (found.cards, found.suggestions)
            paths[f"index {mark}"] = await self.setup.search.find(mark, scope=scope)
        return {path: msgspec.json.encode(answer) for path, answer in paths.items()}

    async def shows(self, title: Title, who: Viewer) -> set[str]:
        """The ways in which one title is shown to who asks for it by its id."""
        (content, *_) = contents_of(title)
        asked: dict[str, Awaitable[Any]] = {
            "title page": self.setup.homepage.title(who, title.id),
            "catalogue page": self.setup.catalog.page(title.id, who),
            "playable": self.setup.catalog.playable(content, who),
            "play": self.playback.start(who, PlayRequest(content_id=content), "127.0.0.1"),
        }
        return {way for way, question in asked.items() if await _is_shown(question)}

    async def play_everything(self, who: Viewer) -> None:
        """Have a session of every title that can be played now."""
        self.playing.clear()
        for mark, title in self.titles.items():
            (content, *_) = contents_of(title)
            with suppress(NoSuchTitle, NotYetPlayable):
                asked = PlayRequest(content_id=content)
                self.playing[mark] = await self.playback.start(who, asked, "127.0.0.1")

    async def goes_on(self, mark: str, who: Viewer) -> set[str]:
        """The ways in which a session that began earlier still leads to pictures."""
        given = self.playing[mark]
        kid = self.asset.key_ids[KeyLabel.SD]
        path_token = given.edges[0].base_url.split("/")[4]
        manifest = given.manifests.dash.split("/")[3]
        beat = Beat(session_id=given.session_id, sequence=1, position_ms=1)
        asked: dict[str, Awaitable[Any]] = {
            "licence": self.plays.licensing.raw_key(
                given.licence.token if given.licence else "", kid
            ),
            "edge": self.check_path_token(path_token),
            "manifest": self.playback.dash(manifest),
            "steering": self.playback.steer(manifest, None, None),
            "heartbeat": self.playback.beat(who, beat),
        }
        return {way for way, question in asked.items() if await _is_answered(question)}

    async def check_path_token(self, token: str) -> None:
        prefix = f"{self.asset.id}/{self.asset.version}"
        path_tokens.check(playback_setup.RING, path_tokens.EDGE, prefix, token, self.clock.now_ms())


async def _is_answered(question: Awaitable[Any]) -> bool:
    try:
        await question
    except (SessionEnded, LicenceTokenRefused, PathTokenRefused):
        return False
    return True


async def _is_shown(question: Awaitable[Any]) -> bool:
    try:
        await question
    except NoSuchTitle:
        return False
    except Refusal:
        return True  # it is known, and cannot be played yet
    return True


def _series_of_two(name: str, **fields: Any) -> Title:
    return series(name, 2, **fields)


def contents_of(title: Title) -> list[ContentId]:
    if title.kind is TitleKind.FILM:
        return [ContentId(title.id)]
    return [ContentId(each.id) for each in title.episodes]


def _progress(profile_id: ProfileId, title: Title, n: int) -> Progress:
    return Progress(
        profile_id=profile_id, content_id=contents_of(title)[0], title_id=title.id,
        position_ms=50_000, duration_ms=100_000, session_id=SessionId(f"ses_{n}"),
        session_started_at_ms=n, sequence=1, at_ms=n,
    )  # fmt: skip


async def _home(homepage: Any, who: Viewer) -> AsyncIterator[Any]:
    page = await homepage.home(who)
    yield page
    while page.next_page_token:
        page = await homepage.home(who, page_token=page.next_page_token)
        yield page


async def _rows(homepage: Any, who: Viewer) -> AsyncIterator[Any]:
    async for page in _home(homepage, who):
        for row in page.rows:
            token = row.next_page_token
            while token:
                more = await homepage.row(who, token)
                yield more
                token = more.next_page_token


async def _browse(catalog: Any, who: Viewer, sort: Sort, genre: str | None) -> AsyncIterator[Any]:
    token = None
    while True:
        page = await catalog.browse(who, sort=sort, genre=genre, page_token=token, limit=5)
        yield page
        token = page.next_page_token
        if token is None:
            return


@pytest.fixture
async def place(open_sqlite: OpenRows, clock: HeldClock, data: Path) -> AsyncIterator[Place]:
    setup = await Setup().open(open_sqlite, clock)
    search_listens(setup.bus, setup.catalog, setup.search)
    async with playback_setup.set_up(open_sqlite, clock, data) as plays:
        yield Place(setup, plays, clock)


async def check(place: Place, who: Viewer) -> None:
    scope = Scope.of(who, place.clock.now_ms())
    told = await place.told(who)
    everything = {"title page", "catalogue page", "playable", "play"}
    for mark, title in place.titles.items():
        paths = {path for path, answer in told.items() if mark.encode() in answer}
        shown = await place.shows(title, who)
        if scope.holds(title.rights):
            assert {"cards", "names", "my list", "history", f"index {mark}"} <= paths
            assert shown == everything
        else:
            assert (paths, shown) == (set(), set()), title
    seen = Counter(slug for t in place.made if scope.holds(t.rights) for slug in t.genres)
    assert {genre.slug: genre.titles for genre in await place.setup.catalog.genres(who)} == seen


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(titles=st.lists(WANTED, min_size=1, max_size=4), who=viewers())
async def test_no_path_tells_of_a_title_outside_the_scope(
    place: Place, titles: list[Wanted], who: Viewer
) -> None:
    place.titles.clear()
    for wanted in titles:
        await place.make(wanted)
    await place.setup.inform_recommend()
    await place.watch_everything(who)
    await check(place, who)
    await place.play_everything(who)
    place.clock.advance(STEP_MS / 1000)  # nobody announces that a window opens or closes
    await check(place, who)
    scope = Scope.of(who, place.clock.now_ms())
    for mark in place.playing:
        ways = {"licence", "edge", "manifest", "steering", "heartbeat"}
        going_on = ways if scope.holds(place.titles[mark].rights) else set()
        assert await place.goes_on(mark, who) == going_on, place.titles[mark]


def _licence_of(given: PlayAnswer) -> str:
    assert given.licence
    return given.licence.token
