"""A remote control: four arrows, Enter and Back, from the sign-in to a film and back."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.conftest import Service, until, visit
from tests.journeys.people import (
    VIEWER,
    Caller,
    bunny,
    new_viewer,
    sign_in_unseen,
    until_playing,
)

pytestmark = [pytest.mark.browser, pytest.mark.long]

TELEVISION = {"width": 1920, "height": 1080}


def press(page: Page, key: str, until_focused: Locator, most: int = 12) -> None:
    """Press an arrow until the element has the focus."""
    for _ in range(most):
        if until_focused.evaluate_all("all => all.includes(document.activeElement)"):
            return
        page.keyboard.press(key)
        page.evaluate("() => new Promise(drawn => requestAnimationFrame(drawn))")
    raise AssertionError(f"{key} does not lead to {until_focused}, but to {focused(page)}")


def focused(page: Page) -> str:
    html: str = page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
    return html


def lies_in(page: Page, selector: str) -> None:
    """Wait until what has the focus lies in the page's `selector`."""
    page.wait_for_function("css => document.activeElement?.matches(css)", arg=selector)


def test_from_the_sign_in_to_a_film_and_back(chromium: Browser, service: Service) -> None:
    """P10 P12: each page begins with the focus on something, and has it again where it was left."""
    film = bunny(service)
    with Caller(service.url, VIEWER, "Ada") as ada:
        until(lambda: bool(ada.found("Big Buck Bunny")), "the demo is not found")
    with visit(chromium, viewport=TELEVISION) as context:
        page = context.new_page()
        page.goto(service.url)
        expect(page.get_by_label("E-mail")).to_be_focused()
        page.keyboard.type(VIEWER.email)  # as the television's own keyboard does
        page.keyboard.press("ArrowDown")
        expect(page.get_by_label("Password")).to_be_focused()
        page.keyboard.type(VIEWER.password)
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("button", name="Sign in")).to_be_focused()
        page.keyboard.press("Enter")

        faces = page.locator(".who-faces button")
        expect(faces.first).to_be_focused()
        page.keyboard.press("ArrowRight")
        expect(faces.nth(1)).to_be_focused()
        press(page, "ArrowLeft", page.get_by_role("button", name="Ada"))
        page.keyboard.press("Enter")

        lies_in(page, "main .billboard [data-tile], main .row [data-tile]")
        press(page, "ArrowUp", page.get_by_role("banner").locator("[data-tile]"))
        menu = page.get_by_role("banner").locator("summary")
        press(page, "ArrowRight", menu)
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("link", name="Change profile")).to_be_focused()
        page.keyboard.press("Escape")
        expect(menu).to_be_focused()
        press(page, "ArrowDown", page.locator(".row:has(li:nth-child(3)) [data-tile]"))
        page.keyboard.press("ArrowRight")
        tile = str(page.evaluate("document.activeElement.ariaLabel"))
        page.keyboard.press("Enter")
        lies_in(page, ".title-head [data-tile]")
        page.keyboard.press("Escape")
        expect(page).to_have_url(f"{service.url}/")
        page.wait_for_function("name => document.activeElement.ariaLabel === name", arg=tile)

        press(page, "ArrowUp", page.get_by_role("banner").locator("[data-tile]"), most=40)
        press(page, "ArrowRight", page.get_by_role("link", name="Search", exact=True))
        page.keyboard.press("Enter")
        expect(page.get_by_role("searchbox")).to_be_focused()
        page.keyboard.type("Big Buck Bunny")
        found = page.locator(f"#main a[href='/title/{film}']")
        expect(found).to_be_visible()
        press(page, "ArrowDown", page.locator("#main li [data-tile]"))
        press(page, "ArrowLeft", found)
        page.keyboard.press("Enter")

        play = page.locator(f"a.button[href='/watch/{film}']")
        expect(play).to_be_focused()
        page.keyboard.press("Enter")
        until_playing(page, 0.2)
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.querySelector('video').paused")
        page.keyboard.press("ArrowDown")
        lies_in(page, ".controls .control[data-large]")
        press(page, "ArrowRight", page.get_by_role("button", name="Audio and subtitles"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("group", name="Audio").get_by_role("radio").first).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Audio and subtitles")).to_be_focused()
        press(page, "ArrowLeft", page.locator(".controls .control[data-large]"))
        page.keyboard.press("Enter")
        page.wait_for_function("() => !document.querySelector('video').paused")

        page.keyboard.press("Escape")
        expect(play).to_be_focused()
        page.keyboard.press("Escape")
        expect(page).to_have_url(re.compile(r"/search\?q=Big"))
        expect(found).to_be_focused()


def back(page: Page, key: str) -> None:
    """Press what a remote control has for Back; of some of them Playwright knows no name."""
    page.evaluate(
        """key => (document.activeElement ?? document.body).dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }))""",
        key,
    )


def test_a_profile_is_changed_with_arrows_and_enter(chromium: Browser, service: Service) -> None:
    """P12 U2: up and down lead past the faces, and Enter ticks a box without sending the form."""
    with visit(chromium, viewport=TELEVISION) as context:
        sign_in_unseen(context, service, new_viewer(service), "Newcomer")
        page = context.new_page()
        page.goto(f"{service.url}/account")
        edit = page.get_by_role("button", name="Edit Newcomer")
        expect(edit).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_label("Name", exact=True)).to_be_focused()
        press(page, "ArrowDown", page.locator("[name=avatar]"))
        page.keyboard.press("ArrowRight")
        saver = page.get_by_role("checkbox", name="Data saver")
        press(page, "ArrowDown", saver)
        page.keyboard.press("Enter")
        expect(saver).to_be_checked()
        back(page, "GoBack")  # as LG's remote controls say it; Escape is the browser's own
        expect(page.locator("dialog")).to_have_count(0)
        expect(edit).to_be_focused()
        page.keyboard.press("Enter")
        press(page, "ArrowDown", page.get_by_role("checkbox", name="Data saver"))
        page.keyboard.press("Enter")
        press(page, "ArrowDown", page.get_by_role("button", name="Save"))
        page.keyboard.press("Enter")
        expect(page.locator("dialog")).to_have_count(0)
        page.keyboard.press("Enter")
        expect(page.get_by_role("checkbox", name="Data saver")).to_be_checked()


@pytest.mark.parametrize("key", ["Backspace", "GoBack"])
def test_back_leaves_one_thing_at_a_time(chromium: Browser, service: Service, key: str) -> None:
    """P10 P12: of a film in full screen with its shortcuts open; in a field it removes a letter."""
    film = bunny(service)
    with visit(chromium, viewport=TELEVISION) as context:
        sign_in_unseen(context, service, new_viewer(service), "Newcomer")
        page = context.new_page()
        page.goto(f"{service.url}/title/{film}")
        page.locator(f"a.button[href='/watch/{film}']").click()
        until_playing(page, 0.1)
        page.keyboard.press("k")
        page.keyboard.press("f")
        page.wait_for_function("() => document.fullscreenElement")
        page.keyboard.press("?")
        expect(page.locator("dialog")).to_be_visible()
        back(page, key)
        expect(page.locator("dialog")).to_have_count(0)
        assert page.evaluate("!!document.fullscreenElement")
        back(page, key)
        page.wait_for_function("() => !document.fullscreenElement")
        expect(page).to_have_url(re.compile("/watch/"))
        back(page, key)
        expect(page).to_have_url(f"{service.url}/title/{film}")
        page.goto(f"{service.url}/search?q=moo")
        page.get_by_role("searchbox").press("End")
        page.keyboard.press("Backspace")
        expect(page.get_by_role("searchbox")).to_have_value("mo")
