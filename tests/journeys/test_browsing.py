"""What viewers meet between the sign-in and the film: weight and rest of the home page, a search
that is slow or finds nothing, no connection, a child's pages."""

import re
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.journeys.conftest import Service, until, visit
from tests.journeys.people import VIEWER, Caller, bunny, new_viewer, sign_in_unseen

pytestmark = [pytest.mark.browser, pytest.mark.long]

LAPTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 3,
    "is_mobile": True,
    "has_touch": True,
}
SHIFTED = """() => new Promise(done => {
    let sum = 0;
    const add = list => { for (const one of list.getEntries()) sum += one.value; };
    new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => setTimeout(() => done(sum), 0));
})"""


@pytest.mark.parametrize(("screen", "most"), [(LAPTOP, 500_000), (PHONE, 250_000)])
def test_the_home_page_is_light_and_keeps_still(
    chromium: Browser, service: Service, screen: dict[str, Any], most: int
) -> None:
    """P12: the pictures of a home page in bytes, and how much of it moves while it comes."""
    bunny(service)
    with visit(chromium, **screen) as context:
        sign_in_unseen(context, service, VIEWER, "Ada")
        page = context.new_page()
        weights: dict[str, int] = {}
        page.on(
            "response",
            lambda one: (
                weights.update({one.url: int(one.headers.get("content-length", 0))})
                if "/artwork/" in one.url and one.request.resource_type == "image"
                else None
            ),
        )
        page.goto(service.url)
        expect(page.locator(".row .picture[data-state=there]").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert len(weights) > 6
        assert sum(weights.values()) <= most, weights
        assert page.evaluate(SHIFTED) <= 0.1


def test_a_slow_search_says_so_and_asks_again(page: Page, service: Service) -> None:
    """P5: an answer that lacks something is not "no results"; the whole one takes its place."""
    asked: list[str] = []
    bunny(service)

    def slow(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) <= 2:
            body = {"query": "bunny", "cards": [], "suggestions": [], "degraded": ["search"]}
            route.fulfill(json=body)
        else:
            route.continue_()

    page.route("**/api/search?*", slow)
    sign_in_unseen(page.context, service, VIEWER, "Ada")
    page.goto(f"{service.url}/search?q=bunny")
    expect(page.get_by_role("heading", name="Search is slow to answer")).to_be_visible()
    expect(page.get_by_role("link", name="Big Buck Bunny").first).to_be_visible()
    expect(page.get_by_role("heading", name="Search is slow to answer")).to_have_count(0)
    assert len(asked) >= 3


def test_a_search_that_finds_nothing_leads_on(page: Page, service: Service) -> None:
    """P5: no weak matches for letters that are no name, and somewhere to go from there."""
    bunny(service)
    with Caller(service.url, VIEWER, "Ada") as ada:
        until(lambda: bool(ada.found("Big Buck Bunny")), "the demo is not found")
    sign_in_unseen(page.context, service, VIEWER, "Ada")
    page.goto(f"{service.url}/search?q=xqzt")
    expect(page.get_by_role("heading", name="No results for “xqzt”")).to_be_visible()
    expect(page.get_by_role("navigation", name="Genres").get_by_role("link").first).to_be_visible()
    new = page.get_by_role("region", name="New on the service")
    expect(new.get_by_role("link").first).to_be_visible()


def test_without_a_connection_the_pages_say_so_and_keep_quiet(page: Page, service: Service) -> None:
    """P12: no loop of requests while there is no network; the page comes by itself afterwards."""
    sign_in_unseen(page.context, service, new_viewer(service), "Newcomer")
    page.goto(service.url)
    expect(page.locator(".row").first).to_be_visible()
    page.get_by_role("link", name="My list").click()  # its code is there from now on
    expect(page.get_by_role("heading", name="Your list is empty").first).to_be_visible()
    page.get_by_role("link", name="Browse").first.click()
    expect(page.locator("#main li a").first).to_be_visible()
    page.clock.install()
    page.context.set_offline(True)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/api/" in one.url else None)
    expect(page.locator(".offline-bar")).to_contain_text("No connection")
    page.get_by_role("navigation", name="Genres").get_by_role("link").nth(2).click()
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    for _ in range(12):
        page.clock.run_for(5_000)
    assert len(asked) <= 6, asked
    page.set_viewport_size({"width": 390, "height": 844})
    way = page.get_by_role("link", name="My list")  # on a phone the bar of pages is at the bottom
    said, bar = page.locator(".offline-bar").bounding_box(), way.bounding_box()
    assert said and bar and said["y"] + said["height"] <= bar["y"]
    way.click()
    expect(page.get_by_role("heading", name="Your list is empty").first).to_be_visible()
    page.get_by_role("link", name="Browse").first.click()
    page.context.set_offline(False)
    expect(page.locator(".offline-bar")).to_have_count(0)
    expect(page.locator("#main li a").first).to_be_visible()


def test_a_page_that_was_never_opened_says_that_there_is_no_connection(
    page: Page, service: Service
) -> None:
    """P12: its code can't be had; the page stays in place of the browser's own, and comes later."""
    sign_in_unseen(page.context, service, VIEWER, "Ada")
    page.goto(service.url)
    expect(page.locator("#main h1, #main h2").first).to_be_attached()
    page.context.set_offline(True)
    page.get_by_role("link", name="My list", exact=True).click()
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    page.get_by_role("button", name="Try again").click()  # loads nothing anew while nobody answers
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    page.context.set_offline(False)
    expect(page).to_have_title(re.compile("^My list"))
    expect(page.locator("#main h1, #main h2").first).to_be_visible()


def test_a_child_has_a_look_of_its_own_and_no_account(page: Page, service: Service) -> None:
    """P12 D9: the pages of the account are for those who pay for it."""
    sign_in_unseen(page.context, service, VIEWER, "Mimi")
    page.goto(f"{service.url}/account")
    expect(page).to_have_url(f"{service.url}/")
    expect(page.locator("html[data-kids]")).to_be_attached()
    page.get_by_role("banner").locator("summary").click()
    expect(page.get_by_role("link", name="Change profile")).to_be_visible()
    expect(page.get_by_role("link", name="Account")).to_have_count(0)


def test_genres_have_names_in_the_language_of_the_profile(page: Page, service: Service) -> None:
    """P12: on the title's page as in the listing."""
    with Caller(service.url, VIEWER, "Ada") as ada:
        profile = next(one for one in ada.ok("GET", "/api/profiles") if one["name"] == "Ada")
        path = f"/api/profiles/{profile['id']}"
        ada.ok("PATCH", path, json={"locale": "fr"})
        try:
            with Caller(service.url, VIEWER, "Ada") as french:
                names = {one["slug"]: one["name"] for one in french.ok("GET", "/api/genres")}
            sign_in_unseen(page.context, service, VIEWER, "Ada")
            page.goto(f"{service.url}/title/{bunny(service)}")
            links = page.locator(".title-facts a[href^='/browse/']")
            expect(links.first).to_be_visible()
            shown = links.evaluate_all("all => all.map(a => [a.pathname.slice(8), a.innerText])")
            assert shown == [[slug, names[slug]] for slug, _ in shown]
            assert "animation" in names
            assert names["comedy"] == "Comédie"
        finally:
            ada.ok("PATCH", path, json={"locale": profile["locale"]})


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_bar_at_the_bottom_of_a_phone_has_the_page_s_colours_over_pictures_too(
    chromium: Browser, service: Service, scheme: Literal["dark", "light"]
) -> None:
    """The bar at the top lies on the picture, which is dark in both themes; this one does not."""
    with visit(chromium, **PHONE, color_scheme=scheme) as context:
        sign_in_unseen(context, service, VIEWER, "Ada")
        page = context.new_page()
        colours = set()
        for path in ("/my-list", "/", f"/title/{bunny(service)}"):
            page.goto(f"{service.url}{path}")
            bar = page.get_by_role("navigation", name="Main")
            expect(bar.get_by_role("link")).to_have_count(4)
            colours.add(bar.evaluate("bar => getComputedStyle(bar).backgroundColor"))
        assert len(colours) == 1, colours
