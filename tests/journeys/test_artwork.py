"""I11: a film that nobody has drawn for has a poster of its own, with its name, and shows itself to
who points at it or comes to it with the keys."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.journeys.conftest import ROOT, Service, until, visit
from tests.journeys.people import PARTNER, Caller, Person, new_viewer, sign_in_unseen

pytestmark = [pytest.mark.browser, pytest.mark.long]

FILM = ROOT / "tests" / "media" / "bbb_480p24_6s.mp4"
NAME = f"A Partner's Film {os.getpid()}"
PLAYS = "video => video.currentTime > 0.3 && video.muted && video.videoWidth === 480"


@pytest.fixture(scope="module")
def film(service: Service) -> Iterator[dict[str, Any]]:
    """Uploaded, and on its way: its pictures are there long before all of it is encoded. Nobody
    sees it afterwards: others play what they find on this home page, and want longer films."""
    sent = service.run("ingest", str(FILM), "--title", NAME)
    assert sent.returncode == 0, sent.stderr
    with Caller(service.url, PARTNER) as partner:
        title = with_pictures(partner)
        yield title
        partner.ok("POST", f"/api/studio/titles/{title['id']}/take-down")


def with_pictures(partner: Caller) -> dict[str, Any]:
    def title() -> dict[str, Any]:
        named = {"name": NAME, "exact": True}
        (only,) = partner.ok("GET", "/api/studio/titles", params=named)["titles"]
        return dict(only)

    until(lambda: bool(title()["artwork"]["poster"]), "it has no poster")
    return title()


@pytest.fixture(scope="module")
def person(service: Service) -> Person:
    return new_viewer(service)


@pytest.fixture
def home(context: BrowserContext, service: Service, person: Person, page: Page) -> Page:
    sign_in_unseen(context, service, person, "Newcomer")
    page.goto(f"{service.url}/")
    return page


@pytest.fixture
def still(
    chromium: Browser, service: Service, person: Person, film: dict[str, Any]
) -> Iterator[Page]:
    """The same page, for somebody who asked that nothing moves."""
    with visit(chromium, reduced_motion="reduce") as context:
        sign_in_unseen(context, service, person, "Newcomer")
        page = context.new_page()
        page.goto(f"{service.url}/")
        yield page


def tile_of(page: Page, name: str = NAME) -> Locator:
    link = page.get_by_role("link", name=f"{name}, ")
    return page.locator(".row[data-shape=tall] .tile", has=link).first


def test_its_poster_is_a_still_that_bears_its_name(film: dict[str, Any], home: Page) -> None:
    tile = tile_of(home)
    tile.scroll_into_view_if_needed()
    picture = tile.locator(".picture").first  # where the focus is, another lies upon it
    expect(picture).to_have_attribute("data-state", "there")
    image = picture.locator("img")
    assert image.evaluate("img => new URL(img.currentSrc).searchParams.has('width')")
    width, height = image.evaluate("img => [img.naturalWidth, img.naturalHeight]")
    assert height == pytest.approx(width * 3 / 2, abs=1)
    words = picture.locator(".picture-name")
    expect(words).to_be_visible()
    assert NAME in words.evaluate("one => getComputedStyle(one, '::before').content")
    drawn = tile_of(home, "Big Buck Bunny")
    expect(drawn.locator(".picture-name")).to_have_count(0)


def test_it_shows_itself_to_who_points_at_it(film: dict[str, Any], home: Page) -> None:
    tile = tile_of(home)
    tile.scroll_into_view_if_needed()
    expect(tile.locator("video")).to_have_count(0)
    tile.hover()
    video = tile.locator("video")
    expect(video).to_have_css("opacity", "1")
    home.wait_for_function(PLAYS, arg=video.element_handle())
    home.mouse.move(2, 2)
    expect(tile.locator("video")).to_have_count(0)


def test_it_shows_itself_to_who_comes_with_the_keys(film: dict[str, Any], home: Page) -> None:
    tile = tile_of(home)
    tile.scroll_into_view_if_needed()
    first = tile.locator("xpath=..").locator(".tile-link").first
    home.keyboard.press("Tab")  # from now on focus is shown
    first.focus()
    for _ in range(20):
        if tile.locator(".tile-link").evaluate("one => one === document.activeElement"):
            break
        home.keyboard.press("ArrowRight")
    expect(tile.locator(".tile-link")).to_be_focused()
    video = tile.locator("video")
    expect(video).to_have_count(1)
    home.wait_for_function(PLAYS, arg=video.element_handle())


def test_nothing_moves_for_who_asked_for_stillness(still: Page) -> None:
    tile = tile_of(still)
    tile.scroll_into_view_if_needed()
    tile.hover()
    expect(tile.locator(".tile-screen")).to_be_visible()
    expect(tile.locator("video")).to_have_count(0)


def test_the_demos_own_films_have_a_preview_and_keep_their_drawn_posters(
    service: Service, person: Person
) -> None:
    with Caller(service.url, person, "Newcomer") as viewer:

        def artwork() -> dict[str, Any]:
            (card,) = [one for one in viewer.found("Big Buck Bunny") if one["playable"]]
            return dict(card["artwork"])

        until(lambda: bool(artwork()["preview"] and artwork()["poster"]), "it has no preview")
        drawn = artwork()
        assert [one["field"] for one in drawn["from_film"]] == ["preview"]
        clip = viewer.http.get(f"/artwork/{drawn['preview']}")
        assert clip.headers["content-type"] == "video/mp4"
        assert len(clip.content) < 1_000_000
