"""A film in two formats, played by devices with one of them; subtitles for a live title."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import imageio_ffmpeg
import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import ALARM_S, ROOT, Service, started, until
from tests.journeys.people import PARTNER, Caller, new_viewer, take_seat, until_playing

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(400)]

SMALL = {
    "VITASCOPE_ENCODING__FORMATS": "h264,vp9",
    "VITASCOPE_ENCODING__HEIGHTS": "120",
    "VITASCOPE_ENCODING__QUICK_HEIGHTS": "120",
    "VITASCOPE_ENCODING__PRESET": "ultrafast",
    "VITASCOPE_ENCODING__VP9_SPEED": "8",
    "VITASCOPE_ENCODING__SD_VMAF": "20",
    "VITASCOPE_ENCODING__PHONE_VMAF": "20",
}
CUES = b"1\n00:00:00,500 --> 00:00:05,000\nDet var en kanin.\n"


@pytest.fixture(scope="module")
def two_formats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with started(tmp_path_factory.mktemp("formats") / "data", "--no-demo", **SMALL) as running:
        port = str(httpx.URL(running.url).port)
        place = ["--data", str(running.data), "--port", port]
        command = [sys.executable, "-m", "vitascope", "account", PARTNER.email]
        known = ["--role", "partner", "--password", PARTNER.password, *place]
        subprocess.run([*command, *known], cwd=ROOT, check=True, timeout=ALARM_S)
        yield running


@pytest.fixture(scope="module")
def film(two_formats: Service, tmp_path_factory: pytest.TempPathFactory) -> str:
    master = tmp_path_factory.mktemp("film") / "film.mp4"
    long = ROOT / "tests" / "media" / "bbb_480p24_6s.mp4"
    short = ["-i", str(long), "-vf", "scale=214:120", str(master)]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *short], check=True)
    done = two_formats.run("ingest", str(master), "--title", "In two formats", "--wait", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    title_id: str = json.loads(done.stdout)["title_id"]
    return title_id


@pytest.mark.parametrize(
    ("format", "denied"), [("vp9", "avc1"), ("h264", "vp09")], ids=["vp9", "h264"]
)
def test_a_device_gets_and_plays_the_format_that_it_has(
    page: Page, two_formats: Service, film: str, format: str, denied: str
) -> None:
    """As a browser without the other decoder: what it cannot play is not in its manifest."""
    page.add_init_script(
        f"""const able = MediaSource.isTypeSupported.bind(MediaSource);
            MediaSource.isTypeSupported = type => !type.includes("{denied}") && able(type);"""
    )
    take_seat(page.context, two_formats, new_viewer(two_formats), "Newcomer")
    fetched: set[str] = set()
    page.on("request", lambda one: fetched.update(re.findall(r"/(v[\w-]+)\.mp4", one.url)))
    with page.expect_response(re.compile(r"\.mpd")) as manifest:
        page.goto(f"{two_formats.url}/watch/{film}")
    told = set(re.findall(r'codecs="(\w+)', manifest.value.text()))
    assert denied not in told
    assert told >= {"avc1" if format == "h264" else "vp09", "mp4a"}
    until_playing(page, 0.5)
    assert fetched
    assert {"-vp9" in name for name in fetched} == {format == "vp9"}


def test_subtitles_for_a_live_title_are_seen_without_another_master(
    page: Page, two_formats: Service, film: str, tmp_path: Path
) -> None:
    file = tmp_path / "film.sv.srt"
    file.write_bytes(CUES)
    done = two_formats.run("ingest", "--title", "In two formats", "--subtitles", f"sv={file}")
    assert done.returncode == 0, done.stdout + done.stderr
    with Caller(two_formats.url, PARTNER) as partner:
        job = ended(partner)
        assert job["state"] == "live", job
        assert job["steps"][0]["name"] == "open the live version"
    take_seat(page.context, two_formats, new_viewer(two_formats), "Newcomer")
    page.goto(f"{two_formats.url}/watch/{film}")
    until_playing(page, 0.2)
    page.keyboard.press("k")  # paused: the controls stay, and so do the words
    page.keyboard.press("5")  # the middle of the film
    page.locator("video").hover()
    page.get_by_role("button", name="Audio and subtitles", exact=True).click()
    words = page.locator(".control-sheet").get_by_role("group", name="Subtitles")
    words.get_by_role("radio", name="Swedish").check()
    page.keyboard.press("Escape")
    page.locator(".player-text").get_by_text("Det var en kanin.").wait_for()


def ended(partner: Caller) -> dict[str, Any]:
    """The job of the subtitles, once it is over."""

    def over() -> list[dict[str, Any]]:
        return [
            job
            for job in partner.ok("GET", "/api/studio/jobs")
            if job["file_name"] == "subtitles sv"
            and job["state"] in ("live", "failed", "cancelled")
        ]

    until(lambda: bool(over()), "the subtitles were not published")
    return over()[0]
