"""P5 C1: an edge that dies or freezes in the middle of a film costs its viewer next to nothing."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import Page, Request, Response, Route, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.journeys.conftest import Service, child_of, until
from tests.journeys.people import (
    Caller,
    Person,
    bunny,
    new_viewer,
    no_trouble,
    position_of,
    sign_in_unseen,
    until_playing,
)

pytestmark = [pytest.mark.browser, pytest.mark.long]

# Picture and sound, each with the segment that is wanted and two that are asked for ahead.
MOST_AT_ONCE = 2 * (1 + 2)

# How long the picture stood still for want of bytes, by the browser's own account.
WATCH_STALLS = """
window.__stalls = [];
let since = null;
const ahead = ({ buffered, currentTime }) => {
    for (let at = 0; at < buffered.length; at++)
        if (buffered.start(at) <= currentTime && currentTime < buffered.end(at))
            return buffered.end(at) - currentTime;
    return 0;
};
document.addEventListener("waiting", event => {
    const film = event.target;
    if (film.currentTime > 0 && !film.seeking && ahead(film) < 0.5) since ??= performance.now();
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
    return child_of(service, "edge", "--name", name)


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
    with Caller(service.url, person, "Newcomer") as caller:

        def fit() -> bool:
            answer = caller.ok("POST", "/api/play", json={"content_id": film})
            caller.ok("POST", f"/api/play/{answer['session_id']}/stop")
            return len(answer["edges"]) > 1 and len(answer["rungs"]) >= rungs

        until(fit, "it is not served by two edges, or not in so many renditions")


def start_film(page: Page, service: Service, rungs: int = 1) -> None:
    page.add_init_script(WATCH_STALLS)
    person, film = new_viewer(service), bunny(service)
    until_fit(service, person, film, rungs)
    sign_in_unseen(page.context, service, person, "Newcomer")
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
            "at => !(document.querySelector('video')?.currentTime < at)", arg=seconds
        )
    except PlaywrightTimeout:
        pytest.fail(f"it did not come to {seconds} s: {page.evaluate('window.__vita?.stats()')}")
    no_trouble(page)


def until_back(service: Service, name: str, before: int) -> None:
    """The supervisor starts a killed edge again."""
    until(lambda: edge_pid(service, name) not in (None, before), f"{name} did not come back")


class Asked:
    """Of which edges a page asked for pieces of films."""

    def __init__(self, page: Page) -> None:
        self.edges: list[str] = []
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if re.search(r"/s/.+\.mp4", request.url):
            self.edges.append(httpx.URL(request.url).host.split(".")[0])


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_with_six_seconds_ahead_a_lost_edge_is_left_for_good(
    page: Page, service: Service, how: signal.Signals
) -> None:
    """P5 C1: the edge that serves is killed, or frozen, and the film goes on from another: what
    picture and sound ask for at that moment may fail, and nothing more. How long the film stands
    still depends on the machine: it is told, and docs/decisions/0014-steering.md has it."""
    changed = keep_buffer_of(page, 6)
    start_film(page, service)
    assert changed, "the player's buffer was not made smaller"
    until_position(page, 5)
    assert page.evaluate("window.__vita.stats().bufferS") < 12
    before = stalled_ms(page)
    lost = serving_edge(page)
    asked = Asked(page)
    with harmed(service, lost, how) as pid:
        until_position(page, 20)
        assert asked.edges.count(lost) <= MOST_AT_ONCE
        assert asked.edges[-1] != lost
        print(f"{how.name}: {stalled_ms(page) - before:.0f} ms for want of bytes")  # noqa: T201
        if how is signal.SIGKILL:
            until_back(service, lost, pid)


def test_with_thirty_seconds_ahead_a_lost_edge_costs_nothing(page: Page, service: Service) -> None:
    """P5 C1: what is in the buffer outlasts the change of edges."""
    start_film(page, service)
    page.keyboard.press("k")  # paused, at its beginning: what is ahead grows and is not used up
    page.keyboard.press("Home")
    page.wait_for_function("() => !(window.__vita?.stats().bufferS < 20)")
    no_trouble(page)
    before = stalled_ms(page)
    with harmed(service, serving_edge(page), signal.SIGSTOP):
        page.keyboard.press("k")
        until_position(page, 12)
        assert stalled_ms(page) - before == 0


def until_asked_in_vain(page: Page) -> None:
    """With an empty buffer, and again and again."""
    page.wait_for_function("() => !(window.__vita?.stats().bufferS > 0.5)")
    for _ in range(8):
        page.wait_for_event("requestfailed")
    no_trouble(page)


def test_a_film_waits_for_the_network_and_goes_on(page: Page, service: Service) -> None:
    """P5 P10: no edge can be reached for longer than the buffer lasts: it stops, and goes on."""
    keep_buffer_of(page, 6)
    start_film(page, service)
    until_position(page, 3)
    page.context.set_offline(True)
    until_asked_in_vain(page)
    assert page.evaluate("window.__vita.stats().bufferS") < 0.5
    expect(page.get_by_text("The connection is lost.")).to_be_visible()
    page.context.set_offline(False)
    until_position(page, 25)
    expect(page.get_by_text("The connection is lost.")).to_be_hidden()


def test_a_network_that_goes_while_the_bitrate_changes_is_waited_out(
    page: Page, service: Service
) -> None:
    """P5 P6: Shaka never asks again for a rendition whose index could not be read."""
    keep_buffer_of(page, 6)
    page.add_init_script("localStorage.setItem('vita.link-bps', '100000')")  # starts at the bottom
    asked: list[str] = []  # video files, in the order in which they were first asked for
    gone = False

    def name_of(request: Request) -> str:
        return request.url.partition("?")[0].rpartition("/")[2]

    def segment(route: Route) -> None:
        name = name_of(route.request)
        if name.startswith("v") and name not in asked:
            asked.append(name)
        if gone or name in asked[1:]:
            route.abort("connectionfailed")
        else:
            route.continue_()

    def changes(request: Request) -> bool:
        name = name_of(request)
        return name.startswith("v") and name.endswith(".mp4") and bool(set(asked) - {name})

    page.route(re.compile(r"\.mp4"), segment)
    with page.expect_request(changes):
        start_film(page, service, rungs=2)
    page.context.set_offline(True)
    gone = True
    until_asked_in_vain(page)
    page.context.set_offline(False)
    page.unroute(re.compile(r"\.mp4"))
    stood = position_of(page)
    until_position(page, min(stood + 8, 28))


def test_steering_that_answers_while_an_index_is_read_changes_no_address(
    page: Page, service: Service
) -> None:
    """P5: Shaka 5.2 asks for the wrong bytes if addresses change while it reads an index."""
    asked: list[tuple[int, int]] = []  # byte ranges: first the indexes of picture and sound
    steered: list[str] = []
    held: list[Route] = []

    def segment(route: Route) -> None:
        first, last = route.request.headers["range"].removeprefix("bytes=").split("-")
        asked.append((int(first), int(last)))
        held.append(route)
        if steered or len(asked) > 2:
            release()

    def answered(one: Response) -> None:
        if "/api/steering/" in one.url:
            steered.append(one.url)
            release()

    def release() -> None:
        while held:
            held.pop().continue_()

    page.on("response", answered)
    page.route(re.compile(r"\.mp4"), segment)
    start_film(page, service)
    assert steered
    indexes, rest = asked[:2], asked[2:]
    assert {last + 1 for _, last in indexes} <= {first for first, _ in rest}, "the first segments"
