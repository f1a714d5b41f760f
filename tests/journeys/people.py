"""Who comes in by the front door, and how: by the sign-in page, or straight to their seat."""

import itertools
import os
import subprocess
import sys
from typing import Any

import httpx
import msgspec
from playwright.sync_api import BrowserContext, Page

from tests.journeys.conftest import ALARM_S, ROOT, Service

_numbers = itertools.count(1)


class Person(msgspec.Struct, frozen=True):
    email: str
    password: str


PARTNER = Person("partner@vitascope.example", "partner-demo")
VIEWER = Person("viewer@vitascope.example", "viewer-demo")
OPERATOR = Person("operator@vitascope.example", "operator-demo")


def sign_in(page: Page, service: Service, person: Person, to: str = "/") -> None:
    """By the form, as a person does."""
    page.goto(f"{service.url}{to}")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def choose(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def sign_in_unseen(
    context: BrowserContext, service: Service, person: Person, profile: str = ""
) -> None:
    """Signed in without the pages: the context holds the cookie, as after a reload.

    `profile` is the name of the one to choose; none is chosen without it.
    """
    device = {"name": "Chromium", "kind": "web"}
    body = {"email": person.email, "password": person.password, "device": device}
    answer = context.request.post(f"{service.url}/api/sign-in", data=body)
    assert answer.ok, answer.text()
    if not profile:
        return
    headers = {"Authorization": f"Bearer {answer.json()['tokens']['access_token']}"}
    profiles = context.request.get(f"{service.url}/api/profiles", headers=headers).json()
    chosen = next(one for one in profiles if one["name"] == profile)
    path = f"{service.url}/api/profiles/{chosen['id']}/choose"
    answer = context.request.post(path, headers=headers, data={})
    assert answer.ok, answer.text()


class Caller:
    """Somebody who is signed in and speaks to the API without a browser."""

    def __init__(self, url: str, person: Person, profile: str = "") -> None:
        self.http = httpx.Client(base_url=url, timeout=ALARM_S)
        device = {"name": "Caller", "kind": "probe"}
        body = {"email": person.email, "password": person.password, "device": device}
        self._enter(self.ok("POST", "/api/sign-in", json=body))
        if profile:
            found = next(p for p in self.ok("GET", "/api/profiles") if p["name"] == profile)
            self._enter(self.ok("POST", f"/api/profiles/{found['id']}/choose", json={}))

    def _enter(self, signed_in: dict[str, Any]) -> None:
        self.token: str = signed_in["tokens"]["access_token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def ok(self, method: str, path: str, **request: Any) -> Any:
        answer = self.http.request(method, path, **request)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def pages(self, path: str) -> list[Any]:
        """Every page of a listing."""
        pages = [self.ok("GET", path)]
        while token := pages[-1].get("next_page_token"):
            pages.append(self.ok("GET", path, params={"page_token": token}))
        return pages

    def found(self, query: str) -> list[dict[str, Any]]:
        cards: list[dict[str, Any]] = self.ok("GET", "/api/search", params={"q": query})["cards"]
        return cards

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()


def open_account(service: Service, role: str, name: str = "") -> Person:
    """An account in a service without the demo's, opened by who runs it."""
    person = Person(f"{name or role}@people.example", "opened for a test")
    port = str(httpx.URL(service.url).port)
    command = [sys.executable, "-m", "vitascope", "account", person.email, "--role", role]
    command += ["--data", str(service.data), "--port", port, "--password", person.password]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=ALARM_S, check=False
    )
    assert done.returncode == 0, done.stderr
    return person


def new_viewer(service: Service, name: str = "Newcomer") -> Person:
    """An account of its own with the best plan: nothing watched, no seat taken."""
    person = Person(f"{name.lower()}-{os.getpid()}-{next(_numbers)}@example.org", "a seat for one")
    with httpx.Client(base_url=service.url, timeout=ALARM_S) as http:
        device = {"name": "Caller", "kind": "probe"}
        body = {**msgspec.to_builtins(person), "name": name, "device": device}
        answer = http.post("/api/sign-up", json=body)
        assert answer.is_success, answer.text
        http.headers["Authorization"] = f"Bearer {answer.json()['tokens']['access_token']}"
        best = max(http.get("/api/plans").json(), key=lambda plan: plan["price"]["minor"])
        answer = http.put("/api/subscription", json={"plan_id": best["id"]})
        assert answer.is_success, answer.text
    return person


def bunny(service: Service) -> str:
    """The id of Big Buck Bunny, which the demo plays: thirty seconds of it."""
    with Caller(service.url, VIEWER, "Ada") as ada:
        card = next(one for one in ada.found("Big Buck Bunny") if one["name"] == "Big Buck Bunny")
    title_id: str = card["id"]
    return title_id


def until_playing(page: Page, past_s: float = 0.5) -> None:
    """Wait until pictures have moved on by `past_s` from where they began."""
    seen = page.wait_for_function(
        """past => {
            const troubles = [...document.querySelectorAll(".watch-trouble")];
            if (troubles.length) return troubles.map(one => one.dataset.code + one.innerText);
            const video = document.querySelector("video");
            if (!video || video.readyState < 3 || video.paused) return false;
            window.__from ??= video.currentTime;
            return video.videoWidth > 0 && video.currentTime >= window.__from + past;
        }""",
        arg=past_s,
    ).json_value()
    assert seen is True, seen


def no_trouble(page: Page) -> None:
    """The player did not give up."""
    told = page.locator(".watch-trouble").evaluate_all(
        "all => all.map(one => one.dataset.code + one.innerText)"
    )
    assert not told, told


def position_of(page: Page) -> float:
    seconds: float = page.evaluate("document.querySelector('video').currentTime")
    return seconds
