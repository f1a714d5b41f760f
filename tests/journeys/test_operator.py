"""The operators' pages in a browser: how the service is, and what is done to an account."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Service, visit
from tests.journeys.people import OPERATOR, Caller, Person, new_viewer, sign_in, sign_in_unseen
from vitascope.engines.sqlite_library import sqlite

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture
def viewer(service: Service) -> Person:
    return new_viewer(service)


def account_of(page: Page, service: Service, viewer: Person) -> None:
    """The operator opens the account's dialog."""
    page.goto(f"{service.url}/operator/accounts")
    page.get_by_label("E-mail, name or id").fill(viewer.email)
    page.get_by_role("button", name=f"Manage {viewer.email}").click()
    expect(page.get_by_role("dialog", name=viewer.email)).to_be_visible()


def test_the_overview_tells_how_all_parts_are(page: Page, service: Service) -> None:
    sign_in(page, service, OPERATOR, "/operator")
    for part in ("Workers and queue", "Disk", "Health", "Edges"):
        expect(page.get_by_role("heading", name=part)).to_be_visible()
    for edge in ("edge-a", "edge-b", "worker-1"):
        expect(page.locator("#main").get_by_text(edge, exact=True).first).to_be_visible()
    page.goto(f"{service.url}/operator/settings")
    expect(page.locator("nav a[aria-current=page]")).to_be_focused()
    expect(page.locator("#main")).to_contain_text("demo_films")


def test_a_forgotten_password_is_replaced_by_the_operator_s_code(
    page: Page, chromium: Browser, service: Service, viewer: Person
) -> None:
    """U1: without mail. The code works once, and all devices must sign in again."""
    with visit(chromium) as context:
        sign_in_unseen(context, service, viewer, "Newcomer")
        before = context.new_page()
        before.goto(f"{service.url}/account")
        expect(before.locator("h1")).to_be_visible()

        sign_in_unseen(page.context, service, OPERATOR)
        account_of(page, service, viewer)
        page.get_by_role("button", name=re.compile("code", re.IGNORECASE)).click()
        code = page.get_by_role("dialog").locator("code.operator-code").inner_text()

        with visit(chromium) as elsewhere:
            at_reset = elsewhere.new_page()
            at_reset.goto(f"{service.url}/sign-in")
            at_reset.get_by_role("link", name="Forgot").click()
            expect(at_reset.get_by_role("button", name="Get a code")).to_be_visible()
            at_reset.get_by_label("E-mail").fill(viewer.email)
            at_reset.keyboard.press("Enter")
            for given in ("not-the-code", code):
                at_reset.get_by_label("Code").fill(given)
                at_reset.get_by_label("New password").fill("quite another one, longer")
                at_reset.keyboard.press("Enter")
                if given != code:
                    expect(at_reset.get_by_role("alert")).to_be_visible()
            expect(at_reset.get_by_label("Code")).to_have_count(0)
            changed = Person(viewer.email, "quite another one, longer")
            Caller(service.url, changed, "Newcomer").http.close()

        before.reload()
        expect(before.get_by_label("Password")).to_be_visible()


def test_a_suspended_account_is_signed_out_and_kept_out_until_it_is_restored(
    page: Page, chromium: Browser, service: Service, viewer: Person
) -> None:
    sign_in_unseen(page.context, service, OPERATOR)
    account_of(page, service, viewer)
    page.get_by_role("button", name="Suspend").click()
    expect(page.get_by_role("dialog").get_by_role("status").first).to_contain_text("suspended")
    with visit(chromium) as context:
        theirs = context.new_page()
        theirs.goto(f"{service.url}/sign-in")
        theirs.get_by_label("E-mail").fill(viewer.email)
        theirs.get_by_label("Password").fill(viewer.password)
        theirs.keyboard.press("Enter")
        expect(theirs.get_by_role("alert")).to_contain_text(re.compile("suspended", re.IGNORECASE))
        page.get_by_role("button", name="Lift the suspension").click()
        expect(page.get_by_role("button", name="Suspend")).to_be_visible()
        theirs.get_by_label("Password").press("Enter")
        expect(theirs.get_by_role("banner")).to_be_visible()


def test_an_operator_cannot_lock_themselves_out(page: Page, service: Service) -> None:
    sign_in_unseen(page.context, service, OPERATOR)
    account_of(page, service, OPERATOR)
    expect(page.get_by_role("button", name="Suspend")).to_be_disabled()
    expect(page.get_by_role("combobox", name="Role").last).to_be_disabled()


def press(page: Page, name: str) -> None:
    """By keyboard, as who sees no pointer does."""
    button = page.get_by_role("button", name=name, exact=True)
    button.focus()
    button.press("Enter")


def test_an_event_that_is_sent_again_is_told_and_leaves_the_focus_on_the_next(
    page: Page, service: Service
) -> None:
    give_up(service, "first", "second")
    sign_in_unseen(page.context, service, OPERATOR)
    page.goto(f"{service.url}/operator/errors")
    press(page, "Send test.news of first again")
    expect(page.get_by_role("status")).to_have_text("test.news of first is sent again.")
    expect(page.get_by_role("button", name="Send test.news of first again")).to_have_count(0)
    last = page.get_by_role("button", name="Send test.news of second again")
    expect(last).to_be_focused()
    last.press("Enter")
    expect(last).to_have_count(0)
    expect(page.locator(":is(#dead, [data-does=replay]):focus")).to_have_count(1)


def give_up(service: Service, *keys: str) -> None:
    """Dead letters of a group that nobody runs, so that none comes back."""
    with sqlite.connect(service.data / "rows" / "bus.db", timeout=60) as database:
        for key in keys:
            row = ("nobody", key, 1, "test.news", key, 1, b"{}", 3, "It was refused.", 1, False)
            database.execute(f"INSERT INTO dead_letters VALUES ({', '.join('?' * 11)})", row)
    database.close()


def test_a_job_that_is_cancelled_and_tried_again_leaves_the_focus_in_the_list(
    page: Page, service: Service, small_film: Path
) -> None:
    sent = service.run("ingest", str(small_film), "--title", "Focus", "--publish", "asked")
    assert sent.returncode == 0, sent.stderr
    sign_in_unseen(page.context, service, OPERATOR)
    page.goto(f"{service.url}/operator/jobs")
    for verb, does, told in (
        ("Cancel", "cancel", "Cancelled"),
        ("Try again", "retry", "Tried again"),
    ):
        press(page, f"{verb}: Focus")
        expect(page.get_by_role("status")).to_have_text(f"{told}: Focus.")
        expect(page.get_by_role("button", name=f"{verb}: Focus")).to_have_count(0)
        expect(page.locator(f":is(#jobs, [data-does={does}]):focus")).to_have_count(1)


def test_all_of_the_bar_is_on_a_phone_s_screen_in_french_too(
    chromium: Browser, service: Service
) -> None:
    """It is fixed: what lies outside makes no page wider."""
    phone: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "locale": "fr-FR"}
    with visit(chromium, **phone) as context:
        sign_in_unseen(context, service, OPERATOR)
        page = context.new_page()
        page.goto(f"{service.url}/operator")
        out = page.get_by_role("button", name="Se déconnecter")
        expect(out).to_be_visible()
        box = out.bounding_box()
        assert box
        assert box["x"] + box["width"] <= 360


SHIFTED = """() => new Promise(told => {
    let sum = 0;
    const add = list => list.getEntries().forEach(one => sum += one.hadRecentInput ? 0 : one.value);
    const observer = new PerformanceObserver(add);
    observer.observe({ type: "layout-shift", buffered: true });
    requestIdleCallback(() => { add({ getEntries: () => observer.takeRecords() }); told(sum); });
})"""


@pytest.mark.parametrize("path", ["/account", "/", "/browse", "/history"])
def test_nothing_moves_while_a_page_is_filled(
    page: Page, service: Service, viewer: Person, path: str
) -> None:
    """P12: layout shift is good up to 0.1 (web.dev/cls)."""
    sign_in_unseen(page.context, service, viewer, "Newcomer")
    page.goto(f"{service.url}{path}")
    expect(page.locator("#main h1").first).to_be_attached()
    page.wait_for_load_state("networkidle")
    assert page.evaluate(SHIFTED) < 0.1
