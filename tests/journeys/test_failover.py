"""P5 C1: an edge that dies or freezes in the middle of a film costs its viewer next to nothing."""

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, Route, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.journeys.conftest import Service, children_of
from tests.journeys.people import (
    Caller,
    Person,
    bunny,
    new_viewer,
    no_trouble,
    position_of,
    take_seat,
    until_playing,
)

pytestmark = [pytest.mark.browser, pytest.mark.long]

# How long the picture stood still for want of bytes, by the browser's own account.
WATCH_STALLS = """
window.__stalls = [];
let since = null;
document.addEventListener("waiting", event => {
    if (event.target.currentTime > 0 && !event.target.seeking) since ??= performance.now();
}, true);
document.addEventListener("playing", () => {
    if (since !== null) window.__stalls.push(performance.now() - since);
    since = null;
}, true);
window.__stalled = () => {
    const now = since === null ? 0 : performance.now() - since;
    return window.__stalls.reduce((sum, one) => sum + one, now);
};
"""


def edge_pid(service: Service, name: str) -> int | None:
    """The process of that edge, among the children of this service."""
    for pid in children_of(service.pid):
        if f"edge\0--name\0{name}\0" in Path(f"/proc/{pid}/cmdline").read_text():
            return pid
    return None


@contextmanager
def harmed(service: Service, name: str, how: signal.Signals) -> Iterator[int]:
    pid = edge_pid(service, name)
    assert pid is not None
    os.kill(pid, how)
    try:
        yield pid
    finally:
        if how is signal.SIGSTOP:
            os.kill(pid, signal.SIGCONT)


def keep_buffer_of(page: Page, seconds: int) -> list[str]:
    """Serve the player with a buffer of so many seconds; the scripts that were changed."""
    changed: list[str] = []

    def serve(route: Route) -> None:
        answer = route.fetch()
        text, found = re.subn(r"bufferingGoal:30\b", f"bufferingGoal:{seconds}", answer.text())
        if found:
            changed.append(route.request.url)
        route.fulfill(response=answer, body=text)

    page.route(re.compile(r"/assets/.*\.js$"), serve)
    return changed


def serving_edge(page: Page) -> str:
    host: str = page.evaluate("window.__vita.stats().edge")
    return host.split(".")[0]


def until_fit(service: Service, person: Person, film: str, rungs: int) -> None:
    """An edge that failed somebody a moment ago is left out of new films for a while, and the
    first version of a film has one rung."""
    deadline = time.monotonic() + 150
    with Caller(service.url, person, "Newcomer") as caller:
        while True:
            answer = caller.ok("POST", "/api/play", json={"content_id": film})
            caller.ok("POST", f"/api/play/{answer['session_id']}/stop")
            if len(answer["edges"]) > 1 and len(answer["rungs"]) >= rungs:
                return
            assert time.monotonic() < deadline, f"{answer['edges']} {answer['rungs']}"
            time.sleep(0.5)


def start_film(page: Page, service: Service, rungs: int = 1) -> None:
    page.add_init_script(WATCH_STALLS)
    person, film = new_viewer(service), bunny(service)
    until_fit(service, person, film, rungs)
    take_seat(page.context, service, person, "Newcomer")
    page.goto(f"{service.url}/watch/{film}")
    until_playing(page, 1)


def stalled_ms(page: Page) -> float:
    browser: float = page.evaluate("window.__stalled()")
    player: float = page.evaluate("window.__vita.stats().stalledMs")
    return max(browser, player)


def until_position(page: Page, seconds: float) -> None:
    """Or until the player gives up."""
    try:
        page.wait_for_function(
            "at => !(document.querySelector('video')?.currentTime < at)",
            arg=seconds,
            timeout=60_000,
        )
    except PlaywrightTimeout:
        pytest.fail(f"it did not come to {seconds} s: {page.evaluate('window.__vita?.stats()')}")
    no_trouble(page)


def until_back(service: Service, name: str, before: int) -> None:
    """The supervisor starts a killed edge again."""
    deadline = time.monotonic() + 30
    while edge_pid(service, name) in (None, before):
        assert time.monotonic() < deadline, f"{name} did not come back"
        time.sleep(0.1)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_with_six_seconds_ahead_a_lost_edge_costs_less_than_two(
    page: Page, service: Service, how: signal.Signals
) -> None:
    """P5 C1: the edge that serves is killed, or frozen, and the film goes on from another."""
    changed = keep_buffer_of(page, 6)
    start_film(page, service)
    assert changed, "the player's buffer was not made smaller"
    until_position(page, 5)
    assert page.evaluate("window.__vita.stats().bufferS") < 12
    before = stalled_ms(page)
    lost = serving_edge(page)
    with harmed(service, lost, how) as pid:
        until_position(page, 20)
        assert stalled_ms(page) - before < 2000
        if how is signal.SIGKILL:
            until_back(service, lost, pid)
        else:
            assert serving_edge(page) != lost


def test_with_thirty_seconds_ahead_a_lost_edge_costs_nothing(page: Page, service: Service) -> None:
    """P5 C1: what is in the buffer outlasts the change of edges."""
    start_film(page, service)
    page.wait_for_function("() => !(window.__vita?.stats().bufferS < 20)", timeout=60_000)
    no_trouble(page)
    before = stalled_ms(page)
    with harmed(service, serving_edge(page), signal.SIGSTOP):
        until_position(page, 12)
        assert stalled_ms(page) - before == 0


def test_a_film_waits_for_the_network_and_goes_on(page: Page, service: Service) -> None:
    """P5 P10: no edge can be reached for longer than the buffer lasts: it stops, and goes on."""
    keep_buffer_of(page, 6)
    start_film(page, service)
    until_position(page, 3)
    page.context.set_offline(True)
    page.wait_for_function("() => !(window.__vita?.stats().bufferS > 0.5)", timeout=60_000)
    page.wait_for_timeout(3000)
    no_trouble(page)
    assert page.evaluate("window.__vita.stats().bufferS") < 0.5
    expect(page.get_by_text("The connection is lost.")).to_be_visible()
    page.context.set_offline(False)
    until_position(page, 25)
    expect(page.get_by_text("The connection is lost.")).to_be_hidden()


@pytest.mark.timeout(400)
def test_a_network_that_goes_while_the_bitrate_changes_is_waited_out(
    page: Page, service: Service
) -> None:
    """P5 P6: Shaka never asks again for a rendition whose index could not be read."""
    keep_buffer_of(page, 6)
    page.add_init_script("localStorage.setItem('vita.link-bps', '100000')")  # starts at the bottom
    asked: list[str] = []  # video files, in the order in which they were first asked for
    gone = False

    def segment(route: Route) -> None:
        name = route.request.url.partition("?")[0].rpartition("/")[2]
        if name.startswith("v") and name not in asked:
            asked.append(name)
        if gone or name in asked[1:]:
            route.abort("connectionfailed")
        else:
            route.continue_()

    page.route(re.compile(r"\.mp4"), segment)
    start_film(page, service, rungs=2)
    deadline = time.monotonic() + 60
    while len(asked) < 2:
        assert time.monotonic() < deadline, "it stayed with its first rung"
        page.wait_for_timeout(20)
    page.context.set_offline(True)
    gone = True
    page.wait_for_function("() => !(window.__vita?.stats().bufferS > 0.5)", timeout=60_000)
    page.wait_for_timeout(3000)
    no_trouble(page)
    page.context.set_offline(False)
    page.unroute(re.compile(r"\.mp4"))
    stood = position_of(page)
    until_position(page, stood + 8)


def test_steering_that_answers_while_an_index_is_read_changes_no_address(
    page: Page, service: Service
) -> None:
    """P5: Shaka 5.2 asks for the wrong bytes if addresses change while it reads an index."""
    asked: list[tuple[int, int]] = []  # byte ranges: first the indexes of picture and sound
    steered: list[str] = []

    def segment(route: Route) -> None:
        first, last = route.request.headers["range"].removeprefix("bytes=").split("-")
        asked.append((int(first), int(last)))
        deadline = time.monotonic() + 10
        while len(asked) <= 2 and not steered and time.monotonic() < deadline:
            page.wait_for_timeout(20)
        route.continue_()

    def answered(one: Response) -> None:
        if "/api/steering/" in one.url:
            steered.append(one.url)

    page.on("response", answered)
    page.route(re.compile(r"\.mp4"), segment)
    start_film(page, service)
    assert steered
    indexes, rest = asked[:2], asked[2:]
    assert {last + 1 for _, last in indexes} <= {first for first, _ in rest}, "the first segments"
