"""Every page as people meet it: by screen reader or keyboard, on a phone, on a television, as a
child."""

import itertools
import json
import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import ROOT, Service, visit
from tests.journeys.people import (
    OPERATOR,
    PARTNER,
    VIEWER,
    Caller,
    bunny,
    new_viewer,
    position_of,
    sign_in,
    sign_in_unseen,
    until_playing,
)

pytestmark = [pytest.mark.browser, pytest.mark.long]

AXE = (ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text()
GRAVE = {"serious", "critical"}

WIDER_BY = """() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
}"""

OPERATOR_PAGES = [
    "/operator",
    *(f"/operator/{page}" for page in ("playing", "jobs", "accounts", "errors", "settings")),
]
VIEWER_PAGES = ["/", "/search?q=moon", "/my-list", "/browse", "/history", "/account", "/who"]


def settled(page: Page) -> None:
    """The page has its heading, and what it was waiting for."""
    expect(page.locator("h1").first).to_be_attached()
    waiting = page.locator(".splash, .bone:not(.row-waiting .bone), .billboard-waiting")
    expect(waiting).to_have_count(0)
    page.wait_for_function(
        "() => [...document.images].every(image => image.complete || image.loading === 'lazy')"
    )


def faults(page: Page) -> list[str]:
    """What axe finds serious or critical, with the elements it means."""
    found: dict[str, Any] = page.evaluate(f"async () => {{ {AXE}; return await axe.run(); }}")
    assert found["passes"], "axe looked at nothing"
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in found["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing_grave(
    chromium: Browser, service: Service, scheme: Literal["dark", "light"]
) -> None:
    """P12: the pages of viewers, partners and operators, and the player, dark and light."""
    seen: dict[str, list[str]] = {}
    visits: list[tuple[str, str]] = [("", "/sign-in"), ("", "/sign-up"), ("", "/reset")]
    visits += [("Ada", path) for path in [*VIEWER_PAGES, f"/title/{bunny(service)}"]]
    visits += [("Newcomer", "/"), ("partner", "/studio/titles"), ("partner", "/studio")]
    visits += [("operator", path) for path in OPERATOR_PAGES]
    for who, paths in itertools.groupby(visits, key=lambda visit: visit[0]):
        with visit(chromium, color_scheme=scheme, reduced_motion="reduce") as context:
            enter(context, service, who)
            page = context.new_page()
            for _, path in paths:
                page.goto(f"{service.url}{path}")
                settled(page)
                seen[path] = faults(page)
            if who == "Newcomer":  # who has no bookmark: the film begins at its beginning
                page.goto(f"{service.url}/watch/{bunny(service)}")
                until_playing(page, 0.2)
                page.keyboard.press("k")  # paused: the controls stay
                seen["watch"] = faults(page)
            if who == "partner":
                link = page.get_by_role("link", name="Report").first
                link.click()
                expect(page.locator(".studio-report")).to_be_visible()
                seen["report"] = faults(page)
                page.get_by_role("link", name="Edit the title").click()
                expect(page.get_by_label("Synopsis").first).to_be_visible()
                settled(page)
                seen["title editor"] = faults(page)
    # home is seen twice; player, report and editor are more
    assert len(seen) == len(set(visits)) + 2
    grave = {path: found for path, found in seen.items() if found}
    assert not grave, json.dumps(grave, indent=1)


def enter(context: BrowserContext, service: Service, who: str) -> None:
    if who == "partner":
        sign_in_unseen(context, service, PARTNER)
    elif who == "operator":
        sign_in_unseen(context, service, OPERATOR)
    elif who == "Newcomer":
        sign_in_unseen(context, service, new_viewer(service), who)
    elif who:
        sign_in_unseen(context, service, VIEWER, who)


def test_deep_links_and_reloads_keep_one_where_one_is(page: Page, service: Service) -> None:
    """P12 U1: an address leads to its page after the sign-in, and a reload changes nothing."""
    title = f"/title/{bunny(service)}"
    sign_in(page, service, new_viewer(service), title)
    heading = page.get_by_role("heading", name="Big Buck Bunny", level=1)
    expect(heading).to_be_visible()
    expect(page).to_have_url(f"{service.url}{title}")
    for path in [title, "/search?q=moon", "/my-list", "/account", "/browse"]:
        page.goto(f"{service.url}{path}")
        for _ in range(2):
            expect(page.locator("#main h1").first).to_be_attached()
            expect(page).to_have_url(f"{service.url}{path}")
            page.reload()
    expect(page.get_by_label("Password")).to_have_count(0)


def press_until(page: Page, key: str, reached: Callable[[], bool], most: int = 25) -> None:
    for _ in range(most):
        if reached():
            return
        page.keyboard.press(key)
        page.evaluate("() => new Promise(drawn => requestAnimationFrame(drawn))")
    raise AssertionError(f"{key} does not lead there")


def until_lit(page: Page, selector: str) -> None:
    page.wait_for_function("css => document.activeElement.matches(css)", arg=selector)


def lit_tile(page: Page) -> str:
    tile: str = page.evaluate("document.activeElement.ariaLabel")
    return tile


def test_from_home_to_the_film_by_keyboard(page: Page, service: Service) -> None:
    """P10 P12: arrow keys and Enter, as on a remote control; space pauses, arrows seek."""
    sign_in_unseen(page.context, service, new_viewer(service), "Newcomer")
    page.goto(service.url)
    expect(page.locator(".row").first).to_be_visible()

    def lit(selector: str) -> bool:
        return bool(page.evaluate("css => document.activeElement.matches(css)", selector))

    press_until(page, "Tab", lambda: lit(".billboard [data-tile]"))
    page.keyboard.press("ArrowDown")
    until_lit(page, ".row [data-tile]")
    of_several = ".row:has(li:nth-child(2) [data-tile]) [data-tile]"
    press_until(page, "ArrowDown", lambda: lit(of_several))
    press_until(page, "ArrowLeft", lambda: lit(".row li:first-child [data-tile]"))
    first = lit_tile(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("first => document.activeElement.ariaLabel !== first", arg=first)
    assert lit(of_several), "the light moves within the row"
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("first => document.activeElement.ariaLabel === first", arg=first)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/title/"))
    expect(page.locator("h1").first).to_be_visible()
    # one that is long enough to seek in: other tests publish films of a few seconds
    page.goto(f"{service.url}/title/{bunny(service)}")
    expect(page.locator("h1").first).to_be_visible()
    press_until(page, "Tab", lambda: lit("a[href^='/watch/']"))
    page.keyboard.press("Enter")
    until_playing(page, 1)
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('video').paused")
    at = position_of(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("at => document.querySelector('video').currentTime > at + 5", arg=at)
    page.keyboard.press("Space")
    page.wait_for_function("() => !document.querySelector('video').paused")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/title/"))


def search_until_found(page: Page, service: Service, text: str) -> None:
    """A busy service may leave an answer empty, and the demo's titles may not be indexed yet."""
    for _ in range(100):
        with page.expect_response("**/api/search?*") as answer:
            page.goto(f"{service.url}/search?q={text}")
        if len(answer.value.json()["cards"]) > 1:
            return
    raise AssertionError(f"nothing is found for {text!r}")


def test_a_remote_control_reaches_all_of_the_search_page(
    chromium: Browser, service: Service
) -> None:
    """P12: arrow keys and Enter alone lead from the search box to the results, back, and to the
    bar above. In the box, left and right move the cursor."""
    context = chromium.new_context(viewport={"width": 1920, "height": 1080}, locale="en-GB")
    try:
        sign_in_unseen(context, service, VIEWER, "Ada")
        context.set_default_timeout(60_000)
        page = context.new_page()
        search_until_found(page, service, "the")
        box, results = page.get_by_role("searchbox"), page.locator("#main li [data-tile]")
        expect(results.nth(1)).to_be_visible()
        expect(box).to_be_focused()
        page.keyboard.press("ArrowLeft")
        expect(box).to_be_focused()

        focused = "element => element === document.activeElement"
        press_until(page, "ArrowDown", lambda: bool(results.first.evaluate(focused)), most=4)
        page.keyboard.press("ArrowRight")
        expect(results.nth(1)).to_be_focused()
        press_until(page, "ArrowUp", lambda: bool(box.evaluate(focused)), most=4)

        page.keyboard.press("ArrowUp")
        browse = page.get_by_role("banner").get_by_role("link", name="Browse")
        press_until(page, "ArrowRight", lambda: bool(browse.evaluate(focused)), most=4)
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{service.url}/browse")
        expect(page.locator("#main [data-tile]").first).to_be_focused()
        expect(results.first).to_be_visible()
        press_until(page, "ArrowDown", lambda: bool(results.first.evaluate(focused)), most=4)
    finally:
        context.close()


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1920, 1080)])
def test_no_page_is_wider_than_its_screen(
    chromium: Browser, service: Service, width: int, height: int
) -> None:
    """P12: nothing scrolls sideways on a phone or on a television."""
    wide = []
    begin_upload(service, "_".join(["a_long_name_without_a_space"] * 5) + ".mov")
    pages = [*VIEWER_PAGES, f"/title/{bunny(service)}", f"/watch/{bunny(service)}"]
    for who, paths in (
        ("", ["/sign-in", "/reset"]),
        ("Ada", pages),
        ("partner", ["/studio", "/studio/titles"]),
        ("operator", OPERATOR_PAGES),
    ):
        with visit(chromium, viewport={"width": width, "height": height}) as context:
            enter(context, service, who)
            page = context.new_page()
            for path in paths:
                page.goto(f"{service.url}{path}")
                expect(page.locator("h1").first).to_be_attached()
                if not path.startswith("/watch"):
                    settled(page)
                over = page.evaluate(WIDER_BY)
                if over > 0:
                    wide.append(f"{path}: {over} px")
    assert not wide


def begin_upload(service: Service, name: str) -> None:
    """One that the studio lists as unfinished."""
    told = {"filename": name, "priority": "normal"}
    with Caller(service.url, PARTNER) as partner:
        title = partner.ok("POST", "/api/studio/titles", json={"name": name})
        told |= {"title_id": title["id"], "content_id": title["id"]}
        pairs = (f"{key} {b64encode(value.encode()).decode()}" for key, value in told.items())
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Length": "9",
            "Upload-Metadata": ",".join(pairs),
        }
        partner.ok("POST", "/api/uploads", headers=headers)


def cards_in(answer: Any) -> list[dict[str, Any]]:
    """Every card anywhere in an answer."""
    if isinstance(answer, list):
        return [card for one in answer for card in cards_in(one)]
    if not isinstance(answer, dict):
        return []
    own = [answer] if "maturity" in answer and "id" in answer else []
    return own + [card for one in answer.values() for card in cards_in(one)]


def test_a_child_meets_nothing_above_its_level(page: Page, service: Service) -> None:
    """D9: not on home, in a listing, by search, among the similar, by address, or to play."""
    with Caller(service.url, VIEWER, "Ada") as ada, Caller(service.url, VIEWER, "Mimi") as mimi:
        everything = {card["id"]: card for card in cards_in(ada.pages("/api/catalog"))}
        grown = {id_: card for id_, card in everything.items() if card["maturity"] > 7}
        by_title = [
            re.sub(r"{(title|content)_id}", "*", path)
            for path, verbs in ada.ok("GET", "/api/openapi.json")["paths"].items()
            if "get" in verbs and re.search(r"{(title|content)_id}", path) and "studio" not in path
        ]
        assert len(by_title) >= 2
        assert len(grown) >= 8
        seen = cards_in(mimi.pages("/api/homepage")) + cards_in(mimi.pages("/api/catalog"))
        rows = [row for home in mimi.pages("/api/homepage") for row in home["rows"]]
        for token in [row["next_page_token"] for row in rows if row["next_page_token"]]:
            answer = mimi.ok("GET", "/api/homepage/row", params={"page_token": token})
            seen += cards_in(answer)
        for card in grown.values():
            seen += cards_in(mimi.found(card["name"]))
        allowed = {card["id"] for card in seen}
        assert len(allowed) >= 8
        for id_ in allowed:
            seen += cards_in(mimi.ok("GET", f"/api/titles/{id_}"))
        above = {card["name"] for card in seen if card["maturity"] > 7 or card["id"] in grown}
        assert not above
        for id_ in grown:
            for answer in (
                *(mimi.http.get(path.replace("*", id_)) for path in by_title),
                mimi.http.post("/api/play", json={"content_id": id_}),
                mimi.http.put(f"/api/my-list/{id_}"),
                mimi.http.put(f"/api/thumbs/{id_}", json={"thumb": "up"}),
            ):
                assert answer.status_code == 404, f"{answer.request.url} {answer.text}"
                assert answer.json()["code"] == "no-such-title"
    sign_in_unseen(page.context, service, VIEWER, "Mimi")
    page.goto(f"{service.url}/title/{next(iter(grown))}")
    expect(page.get_by_role("heading", name="Title not found")).to_be_visible()
