"""A film in two formats, played by devices with one of them; what is changed of a live title:
subtitles, sound, protection, pictures."""

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
from playwright.sync_api import Page, expect

from tests.journeys.conftest import ALARM_S, ROOT, Service, started
from tests.journeys.people import PARTNER, Caller, new_viewer, sign_in_unseen, until_playing

pytestmark = [pytest.mark.browser, pytest.mark.long]

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
def film(two_formats: Service, small_film: Path) -> str:
    sent = ["ingest", str(small_film), "--title", "In two formats", "--wait", "--json"]
    done = two_formats.run(*sent)
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
    sign_in_unseen(page.context, two_formats, new_viewer(two_formats), "Newcomer")
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
    given = ("--subtitles", f"sv={file}")
    done = two_formats.run("ingest", "--title", "In two formats", *given, "--wait", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (change,) = json.loads(done.stdout)["changes"]
    assert (change["change"], change["state"]) == ("subtitles sv", "live"), "it did not wait"
    with Caller(two_formats.url, PARTNER) as partner:
        job = partner.ok("GET", f"/api/studio/jobs/{change['job_id']}")
        assert job["steps"][0]["name"] == "open the live version"
    sign_in_unseen(page.context, two_formats, new_viewer(two_formats), "Newcomer")
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


def tool(*arguments: str) -> None:
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *arguments], check=True)


@pytest.fixture(scope="module")
def dub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The film's own sound in a file by itself: in step, and as long."""
    file = tmp_path_factory.mktemp("dub") / "dub.flac"
    tool("-i", str(ROOT / "tests" / "media" / "bbb_480p24_6s.mp4"), "-vn", "-ac", "2", str(file))
    return file


def test_a_sound_track_is_added_to_a_live_title_and_can_be_chosen(
    page: Page, two_formats: Service, film: str, dub: Path
) -> None:
    with Caller(two_formats.url, PARTNER) as partner:
        before = live(partner, film)
    given = ("--audio", str(dub), "--language", "fra", "--label", "Doublage")
    done = two_formats.run("republish", "In two formats", *given, "--wait", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (change,) = json.loads(done.stdout)["changes"]
    assert (change["change"], change["state"]) == ("dub.flac: sound fr (main)", "live")
    with Caller(two_formats.url, PARTNER) as partner:
        job = partner.ok("GET", f"/api/studio/jobs/{change['job_id']}")
        assert {step["name"] for step in job["steps"]} >= {"inspect sound", "audio", "verify"}
        assert not any(step["name"].startswith(("encode", "first")) for step in job["steps"])
        after = live(partner, film)
    assert [one["name"] for one in after["audio"]] == [
        *(one["name"] for one in before["audio"]),
        "a-fr-2",
    ]
    sign_in_unseen(page.context, two_formats, new_viewer(two_formats), "Newcomer")
    page.goto(f"{two_formats.url}/watch/{film}")
    until_playing(page, 0.2)
    page.keyboard.press("k")  # paused: the controls stay
    page.keyboard.press("5")
    page.locator("video").hover()
    page.get_by_role("button", name="Audio and subtitles", exact=True).click()
    sounds = page.locator(".control-sheet").get_by_role("group", name="Audio")
    dubbed = sounds.get_by_role("radio", name=re.compile("^French.* Doublage$"))
    dubbed.check()
    expect(dubbed).to_be_checked()


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        (["-af", "atempo=0.5"], "audio-length"),
        (["-af", "adelay=400:all=1", "-t", "6"], "sound-out-of-step"),
    ],
    ids=["length", "step"],
)
def test_a_sound_track_of_another_cut_is_refused_and_what_is_live_stays(
    two_formats: Service, film: str, dub: Path, tmp_path: Path, filters: list[str], code: str
) -> None:
    other = tmp_path / "other.wav"
    tool("-i", str(dub), *filters, str(other))
    given = ("--audio", str(other), "--language", "de", "--wait", "--json")
    with Caller(two_formats.url, PARTNER) as partner:
        before = live(partner, film)
        done = two_formats.run("republish", film, *given)
        assert done.returncode == 1, done.stdout + done.stderr
        (change,) = json.loads(done.stdout)["changes"]
        assert change["state"] == "rejected"
        report = partner.ok("GET", f"/api/studio/jobs/{change['job_id']}/report")
        assert [one["code"] for one in report["findings"]] == [code]
        assert live(partner, film) == before


def test_sound_that_is_there_is_not_even_sent(two_formats: Service, film: str, dub: Path) -> None:
    with Caller(two_formats.url, PARTNER) as partner:
        language = live(partner, film)["audio"][0]["language"]
    done = two_formats.run("republish", film, "--audio", str(dub), "--language", language)
    assert done.returncode == 1
    assert "already" in done.stderr
    assert "Uploading" not in done.stderr


def test_a_title_that_is_not_there_is_refused_with_those_that_come_close(
    two_formats: Service, film: str, tmp_path: Path
) -> None:
    file = tmp_path / "film.sv.srt"
    file.write_bytes(CUES)
    for word, sentence in (
        ("In two fromats", "Did you mean 'In two formats'?"),
        ("ttl_nowhere", "You have no title 'ttl_nowhere'."),
    ):
        done = two_formats.run("ingest", "--title", word, "--subtitles", f"sv={file}")
        assert done.returncode == 1
        assert sentence in " ".join(done.stderr.split())
    with_film = two_formats.run("ingest", str(file), "--title", "ttl_nowhere")
    assert with_film.returncode == 1
    with Caller(two_formats.url, PARTNER) as partner:
        titles = partner.ok("GET", "/api/studio/titles")["titles"]
    names = {one["wordings"][0]["name"] for one in titles}
    assert names.isdisjoint({"In two fromats", "ttl_nowhere"}), "a slip of the pen made a title"


def test_subtitles_for_what_is_not_published_are_not_waited_for(
    two_formats: Service, tmp_path: Path
) -> None:
    file = tmp_path / "film.sv.srt"
    file.write_bytes(CUES)
    with Caller(two_formats.url, PARTNER) as partner:
        partner.ok("POST", "/api/studio/titles", json={"name": "Not yet"})
    done = two_formats.run("ingest", "--title", "Not yet", "--subtitles", f"sv={file}", "--wait")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the next master will have it" in done.stdout


def test_the_studio_changes_the_protection_by_keyboard(
    page: Page, two_formats: Service, film: str
) -> None:
    with Caller(two_formats.url, PARTNER) as partner:
        before = live(partner, film)
    assert before["scheme"] == "cbcs"
    sign_in_unseen(page.context, two_formats, PARTNER)
    page.goto(f"{two_formats.url}/studio/titles/{film}")
    section = page.get_by_role("region", name="Live version")
    section.get_by_role("radio", name="cbcs").focus()
    page.keyboard.press("ArrowDown")
    expect(section.get_by_role("radio", name="cenc")).to_be_checked()
    page.keyboard.press("Tab")
    expect(section.get_by_role("checkbox", name="Encrypt with new keys")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(section.get_by_role("button", name="Change the protection")).to_be_focused()
    page.keyboard.press("Enter")
    job = section.locator(".studio-card[data-state]", has_text="protection cenc; new keys")
    expect(job.locator(".studio-state")).to_have_text("Live")
    expect(section.get_by_role("radio", name="cenc")).to_be_checked()
    expect(section.get_by_role("button", name="Change the protection")).to_be_disabled()
    with Caller(two_formats.url, PARTNER) as partner:
        after = live(partner, film)
    assert after["scheme"] == "cenc"
    sign_in_unseen(page.context, two_formats, new_viewer(two_formats), "Newcomer")
    page.goto(f"{two_formats.url}/watch/{film}")
    until_playing(page, 0.2)


def test_the_studio_adds_a_sound_track(
    page: Page, two_formats: Service, film: str, dub: Path
) -> None:
    sign_in_unseen(page.context, two_formats, PARTNER)
    page.goto(f"{two_formats.url}/studio/titles/{film}")
    section = page.get_by_role("region", name="Live version")
    sound = section.get_by_role("group", name="Audio", exact=True)
    sound.get_by_role("textbox", name="Language code").fill("es")
    sound.get_by_role("combobox", name="Role").select_option("description")
    with page.expect_file_chooser() as chooser:
        sound.locator("button", has_text="Add an audio file").press("Enter")
    chooser.value.set_files(dub)
    job = section.locator(".studio-card[data-state]", has_text="sound es (description)")
    expect(job.locator(".studio-state")).to_have_text("Live")
    expect(sound.get_by_text("Spanish, stereo, Audio description")).to_be_visible()


def test_another_picture_is_seen_at_once_without_another_version(
    two_formats: Service, film: str, tmp_path: Path
) -> None:
    """Pictures belong to the title: viewers see a change with their next answer."""
    picture = tmp_path / "poster.png"
    tool("-f", "lavfi", "-i", "color=c=orange:s=600x900", "-frames:v", "1", str(picture))
    with (
        Caller(two_formats.url, PARTNER) as partner,
        Caller(two_formats.url, new_viewer(two_formats), "Newcomer") as viewer,
    ):
        version, jobs = (
            live(partner, film)["version"],
            len(partner.ok("GET", "/api/studio/jobs")["jobs"]),
        )
        before = seen_poster(viewer, film)
        partner.ok(
            "PUT",
            f"/api/studio/titles/{film}/artwork/poster",
            content=picture.read_bytes(),
            headers={"Content-Type": "image/png"},
        )
        after = seen_poster(viewer, film)
        assert after != before
        assert viewer.http.get(f"/artwork/{after}").headers["content-type"].startswith("image/")
        assert live(partner, film)["version"] == version
        assert len(partner.ok("GET", "/api/studio/jobs")["jobs"]) == jobs


def seen_poster(viewer: Caller, film: str) -> str:
    poster: str = viewer.ok("GET", f"/api/titles/{film}")["title"]["card"]["artwork"]["poster"]
    return poster


def live(partner: Caller, film: str) -> dict[str, Any]:
    found = partner.ok("GET", f"/api/studio/titles/{film}/contents/{film}/live")
    return dict(found)
