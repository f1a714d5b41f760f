"""What a household does with its account in a browser: comes in, arranges itself, changes its plan
and how it signs in, forgets its password, and leaves."""

import itertools
import os
import subprocess
import sys

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.conftest import ALARM_S, ROOT, Service, visit
from tests.journeys.people import Caller, Person, choose, new_viewer, sign_in, sign_in_unseen
from vitascope.identity.drafts import SHORTEST_PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.long]

PHRASE = "two lanterns"
_numbers = itertools.count(1)


def open_dialogs(page: Page) -> Locator:
    return page.locator("dialog[open]")


def at_account(page: Page, service: Service, person: Person, profile: str) -> None:
    sign_in_unseen(page.context, service, person, profile)
    page.goto(f"{service.url}/account")
    expect(page.get_by_role("heading", name="Account")).to_be_visible()


def reset_code(service: Service, person: Person) -> str:
    """As whoever runs the service makes it."""
    port = str(httpx.URL(service.url).port)
    command = [sys.executable, "-m", "vitascope", "reset-code", person.email]
    command += ["--data", str(service.data), "--port", port]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=ALARM_S, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_form_asks_of_a_password_what_the_service_asks(page: Page, service: Service) -> None:
    """U1: a hint that is right, and a password that is just long enough."""
    page.goto(f"{service.url}/sign-up")
    page.get_by_label("Your name").fill("Newcomer")
    page.get_by_label("E-mail").fill(f"short-{os.getpid()}@example.org")
    password = page.get_by_label("Password")
    expect(page.get_by_text(f"At least {SHORTEST_PASSWORD} characters")).to_be_visible()
    word = "qx7-lamp-vw"[:SHORTEST_PASSWORD]
    password.fill(word[:-1])
    page.get_by_role("button", name="Create an account").click()
    assert not password.evaluate("field => field.checkValidity()")
    password.fill(word)
    page.get_by_role("button", name="Create an account").click()
    expect(page.locator("main#main")).to_be_visible()  # the only profile is chosen by itself


def test_a_household_arranges_its_profiles(page: Page, service: Service) -> None:
    """U2: who is removed is asked about on the page; Back closes the question alone."""
    person = new_viewer(service)
    at_account(page, service, person, "Newcomer")
    page.get_by_role("button", name="Add a profile").click()
    page.get_by_label("Name", exact=True).fill("Guest")
    page.get_by_role("button", name="Save").click()
    expect(open_dialogs(page)).to_have_count(0)
    expect(page.get_by_role("button", name="Add a profile")).to_be_focused()

    page.get_by_role("button", name="Edit Guest").click()
    page.get_by_role("button", name="Delete this profile").click()
    expect(open_dialogs(page)).to_have_count(2)
    # Enter must not do at once what can't be undone.
    expect(open_dialogs(page).last.get_by_role("button", name="Back")).to_be_focused()
    page.keyboard.press("Backspace")  # as some remote controls say Back
    expect(open_dialogs(page)).to_have_count(1)
    page.get_by_role("button", name="Delete this profile").click()
    open_dialogs(page).last.get_by_role("button", name="Delete this profile").click()
    expect(open_dialogs(page)).to_have_count(0)
    expect(page.get_by_role("button", name="Edit Guest")).to_have_count(0)
    expect(page.get_by_role("button", name="Edit Newcomer")).to_be_visible()


def test_who_knows_no_pin_can_leave(page: Page, service: Service) -> None:
    """U2: signed in, before a profile was chosen."""
    person = new_viewer(service)
    with Caller(service.url, person, "Newcomer") as caller:
        profile = caller.ok("GET", "/api/profiles")[0]
        caller.ok("PATCH", f"/api/profiles/{profile['id']}", json={"pin": "4711"})
    sign_in(page, service, person)
    page.get_by_role("button", name="Newcomer").click()
    page.keyboard.type("0000")
    expect(page.locator("dialog .form-error")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("E-mail")).to_be_visible()


def test_a_plan_is_changed_after_its_price_was_shown(page: Page, service: Service) -> None:
    """U3: and a plan that was cancelled plays nothing, and can be chosen again."""
    at_account(page, service, new_viewer(service), "Newcomer")
    page.get_by_role("button", name="Choose: Basic").click()
    expect(open_dialogs(page)).to_contain_text("Only 1 screen can play at a time then.")
    page.get_by_role("button", name="Confirm for").click()
    expect(page.locator(".plan[data-current] h3")).to_have_text("Basic")
    page.get_by_role("button", name="Cancel the plan").click()
    open_dialogs(page).get_by_role("button", name="Cancel the plan").click()
    expect(page.get_by_role("region", name="Plan")).to_contain_text("Cancelled")
    expect(page.locator(".plan[data-current]")).to_have_count(0)


def test_email_and_password_are_changed_with_the_password(page: Page, service: Service) -> None:
    """U1: a wrong one changes nothing and says so."""
    person = new_viewer(service)
    at_account(page, service, person, "Newcomer")
    page.get_by_role("button", name="Change password").click()
    page.get_by_label("New password").fill(PHRASE)
    page.get_by_label("Present password").fill("something else")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Present password").fill(person.password)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The password was changed.")).to_be_visible()
    expect(page.get_by_role("button", name="Change password")).to_be_focused()

    address = f"moved-{os.getpid()}-{next(_numbers)}@example.org"
    page.get_by_role("button", name="Change e-mail").click()
    page.get_by_label("New e-mail").fill(address)
    page.get_by_label("Present password").fill(PHRASE)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The e-mail was changed.")).to_be_visible()
    Caller(service.url, Person(address, PHRASE)).http.close()


def test_a_forgotten_password_is_set_by_a_code(page: Page, service: Service) -> None:
    """U1: each step begins in its field, and a mistyped address is not the end of it."""
    person = new_viewer(service)
    page.goto(f"{service.url}/sign-in")
    page.get_by_role("link", name="Forgot your password?").click()
    expect(page.get_by_role("button", name="Get a code")).to_be_visible()
    page.get_by_label("E-mail").fill(f"mistyped-{person.email}")
    page.get_by_role("button", name="Get a code").click()
    expect(page.get_by_label("Code")).to_be_focused()
    page.get_by_role("button", name="Another code or e-mail").click()
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_role("button", name="Get a code").click()
    made = reset_code(service, person)
    page.get_by_label("Code").fill("WRONG-CODE")
    page.get_by_label("New password").fill(PHRASE)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Code").fill(made)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("The new password is set")).to_be_visible()
    sign_in(page, service, Person(person.email, PHRASE))
    expect(page.locator("main#main")).to_be_visible()


def test_signing_out_ends_all_tabs(chromium: Browser, service: Service) -> None:
    """U1."""
    with visit(chromium) as context:
        sign_in_unseen(context, service, new_viewer(service), "Newcomer")
        first, second = context.new_page(), context.new_page()
        for page, path in ((first, "/"), (second, "/my-list")):
            page.goto(f"{service.url}{path}")
            expect(page.locator("#main h1").first).to_be_attached()
        first.locator("summary").click()
        first.get_by_role("button", name="Sign out").click()
        for page in (first, second):
            expect(page.get_by_label("Password")).to_be_visible()


def test_two_tabs_keep_a_profile_each(page: Page, service: Service) -> None:
    """U2: they share the refresh token, and the one who chose last does not win both."""
    person = new_viewer(service, "Ada")
    with Caller(service.url, person, "Ada") as caller:
        caller.ok("POST", "/api/profiles", json={"name": "Jules"})
    sign_in(page, service, person)
    choose(page, "Ada")
    here = page.get_by_label("Menu of Ada")
    expect(here).to_be_visible()
    other = page.context.new_page()
    other.goto(f"{service.url}/who")
    choose(other, "Jules")
    expect(other.get_by_label("Menu of Jules")).to_be_visible()

    page.route("**/api/catalog?*", lambda route: route.fulfill(status=401), times=1)
    with page.expect_response("**/api/refresh"):
        page.get_by_role("link", name="Browse").click()
    expect(here).to_be_visible()
    for tab, name in ((page, "Ada"), (other, "Jules")):
        tab.reload()
        expect(tab.get_by_label(f"Menu of {name}")).to_be_visible()
