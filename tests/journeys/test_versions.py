"""A film in every format, played by devices with some of them; what is changed of a live title:
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
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import ALARM_S, ROOT, Service, started, visit
from tests.journeys.people import PARTNER, Caller, new_viewer, sign_in_unseen, until_playing

pytestmark = [pytest.mark.browser, pytest.mark.long]

SMALL = {
    "VITASCOPE_ENCODING__FORMATS": "h264,vp9",
    "VITASCOPE_ENCODING__HEIGHTS": "120",
    "VITASCOPE_ENCODING__QUICK_HEIGHTS": "120",
    "VITASCOPE_ENCODING__PRESET": "ultrafast",
    "VITASCOPE_ENCODING__VP9_SPEED": "8",
    "VITASCOPE_ENCODING__HEVC_PRESET": "ultrafast",
    "VITASCOPE_ENCODING__AV1_PRESET": "12",
    "VITASCOPE_ENCODING__SD_VMAF": "20",
    "VITASCOPE_ENCODING__PHONE_VMAF": "20",
}
CUES = b"1\n00:00:00,500 --> 00:00:05,000\nDet var en kanin.\n"


@pytest.fixture(scope="module")
def every_format(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    settings = {**SMALL, "VITASCOPE_PUBLISHING__LATER_FORMATS": "h264,hevc"}
    with started(tmp_path_factory.mktemp("formats") / "data", "--no-demo", **settings) as running:
        port = str(httpx.URL(running.url).port)
        place = ["--data", str(running.data), "--port", port]
        command = [sys.executable, "-m", "vitascope", "account", PARTNER.email]
        known = ["--role", "partner", "--password", PARTNER.password, *place]
        subprocess.run([*command, *known], cwd=ROOT, check=True, timeout=ALARM_S)
        yield running


@pytest.fixture(scope="module")
def film(every_format: Service, small_film: Path) -> str:
    """I6: two formats are there when it is published, one comes later by itself, and one is added
    by hand, after that."""
    sent = ["ingest", str(small_film), "--title", "In every format", "--wait", "--json"]
    done = every_format.run(*sent)
    assert done.returncode == 0, done.stdout + done.stderr
    title_id: str = json.loads(done.stdout)["title_id"]
    more = ["--add-format", "av1"]
    done = every_format.run("republish", title_id, *more, "--wait", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (change,) = json.loads(done.stdout)["changes"]
    assert (change["change"], change["state"]) == ("format av1", "live")
    with Caller(every_format.url, PARTNER) as partner:
        has = partner.ok("GET", f"/api/studio/titles/{title_id}/contents/{title_id}/live")
    assert {one["codec"] for one in has["formats"]} == {"h264", "vp9", "hevc", "av1"}
    assert has["offers"] == []
    return title_id


CODEC = {"h264": "avc1", "vp9": "vp09", "av1": "av01"}


def fetched_by(page: Page, service: Service, film: str) -> tuple[set[str], set[str]]:
    """Plays for a moment; the codecs of the manifest, and the pictures that were fetched."""
    sign_in_unseen(page.context, service, new_viewer(service), "Newcomer")
    fetched: set[str] = set()
    page.on("request", lambda one: fetched.update(re.findall(r"/(v[\w-]+)\.mp4", one.url)))
    with page.expect_response(re.compile(r"\.mpd")) as manifest:
        page.goto(f"{service.url}/watch/{film}")
    until_playing(page, 0.5)
    assert fetched
    told = set(re.findall(r'codecs="(\w+)', manifest.value.text()))
    return told - {"mp4a", "wvtt"}, fetched


def assert_all_of(format: str, fetched: set[str]) -> None:
    suffix = "" if format == "h264" else f"-{format}"
    assert all(re.fullmatch(rf"v120{suffix}(-\d)?", name) for name in fetched), fetched


@pytest.mark.parametrize(
    ("format", "denied"),
    [("av1", ()), ("vp9", ("av01", "avc1")), ("h264", ("av01", "vp09"))],
    ids=["all", "vp9", "h264"],
)
def test_a_device_gets_the_formats_that_it_has_and_plays_the_best(
    page: Page, every_format: Service, film: str, format: str, denied: tuple[str, ...]
) -> None:
    """I6: as a browser without the other decoders: what it cannot play is not in its manifest."""
    page.add_init_script(
        f"""const able = MediaSource.isTypeSupported.bind(MediaSource);
            const denied = {json.dumps(denied)};
            MediaSource.isTypeSupported = type => !denied.some(d => type.includes(d)) && able(type);
            const ask = navigator.mediaCapabilities.decodingInfo.bind(navigator.mediaCapabilities);
            navigator.mediaCapabilities.decodingInfo = async asked =>
                Object.assign(await ask(asked), {{powerEfficient: false}});"""
    )
    told, fetched = fetched_by(page, every_format, film)
    assert told == set(CODEC.values()) - set(denied), "Chromium has no HEVC"
    assert_all_of(format, fetched)


@pytest.mark.parametrize(
    ("format", "slow", "efficient"),
    [
        ("vp9", ("av01",), ()),
        ("h264", ("av01", "vp09"), ()),
        ("h264", ("av01", "vp09", "avc1"), ()),
        ("vp9", (), ("vp09", "avc1")),
    ],
)
def test_a_device_plays_what_it_decodes_smoothly_and_thriftily(
    page: Page,
    every_format: Service,
    film: str,
    format: str,
    slow: tuple[str, ...],
    efficient: tuple[str, ...],
) -> None:
    """I6: the browser answers otherwise than it would; what is fetched follows."""
    page.add_init_script(
        f"""const slow = {json.dumps(slow)}, efficient = {json.dumps(efficient)};
            const ask = navigator.mediaCapabilities.decodingInfo.bind(navigator.mediaCapabilities);
            navigator.mediaCapabilities.decodingInfo = async asked => {{
                const type = asked.video?.contentType ?? "";
                return Object.assign(await ask(asked), {{
                    smooth: !slow.some(each => type.includes(each)),
                    powerEfficient: efficient.some(each => type.includes(each)),
                }});
            }};"""
    )
    told, fetched = fetched_by(page, every_format, film)
    assert told == set(CODEC.values()), "all of it is granted"
    assert_all_of(format, fetched)


def test_subtitles_for_a_live_title_are_seen_without_another_master(
    page: Page, every_format: Service, film: str, tmp_path: Path
) -> None:
    file = tmp_path / "film.sv.srt"
    file.write_bytes(CUES)
    given = ("--subtitles", f"sv={file}")
    done = every_format.run("ingest", "--title", "In every format", *given, "--wait", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (change,) = json.loads(done.stdout)["changes"]
    assert (change["change"], change["state"]) == ("subtitles sv", "live"), "it did not wait"
    with Caller(every_format.url, PARTNER) as partner:
        job = partner.ok("GET", f"/api/studio/jobs/{change['job_id']}")
        assert job["steps"][0]["name"] == "open the live version"
    sign_in_unseen(page.context, every_format, new_viewer(every_format), "Newcomer")
    page.goto(f"{every_format.url}/watch/{film}")
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
    page: Page, every_format: Service, film: str, dub: Path
) -> None:
    with Caller(every_format.url, PARTNER) as partner:
        before = live(partner, film)
    given = ("--audio", str(dub), "--language", "fra", "--label", "Doublage")
    done = every_format.run("republish", "In every format", *given, "--wait", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (change,) = json.loads(done.stdout)["changes"]
    assert (change["change"], change["state"]) == ("dub.flac: sound fr (main)", "live")
    with Caller(every_format.url, PARTNER) as partner:
        job = partner.ok("GET", f"/api/studio/jobs/{change['job_id']}")
        assert {step["name"] for step in job["steps"]} >= {"inspect sound", "audio", "verify"}
        assert not any(step["name"].startswith(("encode", "first")) for step in job["steps"])
        after = live(partner, film)
    assert [one["name"] for one in after["audio"]] == [
        *(one["name"] for one in before["audio"]),
        "a-fr-2",
    ]
    sign_in_unseen(page.context, every_format, new_viewer(every_format), "Newcomer")
    page.goto(f"{every_format.url}/watch/{film}")
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
    every_format: Service, film: str, dub: Path, tmp_path: Path, filters: list[str], code: str
) -> None:
    other = tmp_path / "other.wav"
    tool("-i", str(dub), *filters, str(other))
    given = ("--audio", str(other), "--language", "de", "--wait", "--json")
    with Caller(every_format.url, PARTNER) as partner:
        before = live(partner, film)
        done = every_format.run("republish", film, *given)
        assert done.returncode == 1, done.stdout + done.stderr
        (change,) = json.loads(done.stdout)["changes"]
        assert change["state"] == "rejected"
        report = partner.ok("GET", f"/api/studio/jobs/{change['job_id']}/report")
        assert [one["code"] for one in report["findings"]] == [code]
        assert live(partner, film) == before


def test_sound_that_is_there_is_not_even_sent(every_format: Service, film: str, dub: Path) -> None:
    with Caller(every_format.url, PARTNER) as partner:
        language = live(partner, film)["audio"][0]["language"]
    done = every_format.run("republish", film, "--audio", str(dub), "--language", language)
    assert done.returncode == 1
    assert "already" in done.stderr
    assert "Uploading" not in done.stderr


def test_a_title_that_is_not_there_is_refused_with_those_that_come_close(
    every_format: Service, film: str, tmp_path: Path
) -> None:
    file = tmp_path / "film.sv.srt"
    file.write_bytes(CUES)
    for word, sentence in (
        ("In every fromat", "Did you mean 'In every format'?"),
        ("ttl_nowhere", "You have no title 'ttl_nowhere'."),
    ):
        done = every_format.run("ingest", "--title", word, "--subtitles", f"sv={file}")
        assert done.returncode == 1
        assert sentence in " ".join(done.stderr.split())
    with_film = every_format.run("ingest", str(file), "--title", "ttl_nowhere")
    assert with_film.returncode == 1
    with Caller(every_format.url, PARTNER) as partner:
        titles = partner.ok("GET", "/api/studio/titles")["titles"]
    names = {one["wordings"][0]["name"] for one in titles}
    assert names.isdisjoint({"In every fromat", "ttl_nowhere"}), "a slip of the pen made a title"


def test_subtitles_for_what_is_not_published_are_not_waited_for(
    every_format: Service, tmp_path: Path
) -> None:
    file = tmp_path / "film.sv.srt"
    file.write_bytes(CUES)
    with Caller(every_format.url, PARTNER) as partner:
        partner.ok("POST", "/api/studio/titles", json={"name": "Not yet"})
    done = every_format.run("ingest", "--title", "Not yet", "--subtitles", f"sv={file}", "--wait")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the next master will have it" in done.stdout


def test_the_report_shows_the_plane_of_one_format_at_a_time(
    page: Page, every_format: Service, film: str
) -> None:
    with Caller(every_format.url, PARTNER) as partner:
        jobs = partner.ok("GET", "/api/studio/jobs")["jobs"]
        (job,) = [
            one for one in jobs if one["title_id"] == film and one["file_name"].endswith("mp4")
        ]
        trials = partner.ok("GET", f"/api/studio/jobs/{job['id']}/report")["trials"]
    sign_in_unseen(page.context, every_format, PARTNER)
    page.goto(f"{every_format.url}/studio/jobs/{job['id']}")
    plot = page.locator(".studio-plot")
    for name, codec in (("H.264", "h264"), ("VP9", "vp9"), ("H.264", "h264")):
        plot.get_by_role("radio", name=name).check()
        mine = [one for one in trials if one.get("format", {}).get("codec", "h264") == codec]
        expect(plot.locator("circle.trial")).to_have_count(len(mine))
        expect(plot.get_by_role("img", name=re.compile(f"in {re.escape(name)}:"))).to_be_visible()
    expect(page.get_by_role("cell", name="VP9", exact=True).first).to_be_visible()


def test_a_partner_shares_what_a_title_is_worth_and_takes_it_back(
    page: Page, chromium: Browser, every_format: Service, film: str
) -> None:
    """I8: by keyboard; who has the address needs no account."""
    with Caller(every_format.url, PARTNER) as partner:
        jobs = partner.ok("GET", "/api/studio/jobs")["jobs"]
        (job,) = [one for one in jobs if one["title_id"] == film and one["kind"] == "master"]
    sign_in_unseen(page.context, every_format, PARTNER)
    page.goto(f"{every_format.url}/studio/jobs/{job['id']}")
    page.get_by_role("button", name="Share the quality page").press("Enter")
    address = page.get_by_label("Address of the quality page").input_value()
    with visit(chromium) as elsewhere:
        shown = elsewhere.new_page()
        shown.goto(address)
        expect(shown.get_by_role("heading", name="In every format")).to_be_visible()
        for name in ("H.264", "VP9", "HEVC", "AV1"):
            expect(shown.get_by_role("cell", name=name, exact=True).first).to_be_visible()
        expect(shown.get_by_text("checks passed.")).to_be_visible()
        page.get_by_role("button", name="Stop sharing").press("Enter")
        expect(page.get_by_role("button", name="Share the quality page")).to_be_focused()
        shown.reload()
        expect(shown.get_by_role("heading", name="There is no such page")).to_be_visible()


def test_the_studio_changes_the_protection_by_keyboard(
    page: Page, every_format: Service, film: str
) -> None:
    with Caller(every_format.url, PARTNER) as partner:
        before = live(partner, film)
    assert before["scheme"] == "cbcs"
    sign_in_unseen(page.context, every_format, PARTNER)
    page.goto(f"{every_format.url}/studio/titles/{film}")
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
    with Caller(every_format.url, PARTNER) as partner:
        after = live(partner, film)
    assert after["scheme"] == "cenc"
    sign_in_unseen(page.context, every_format, new_viewer(every_format), "Newcomer")
    page.goto(f"{every_format.url}/watch/{film}")
    until_playing(page, 0.2)


def test_the_studio_adds_a_sound_track(
    page: Page, every_format: Service, film: str, dub: Path
) -> None:
    sign_in_unseen(page.context, every_format, PARTNER)
    page.goto(f"{every_format.url}/studio/titles/{film}")
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
    every_format: Service, film: str, tmp_path: Path
) -> None:
    """Pictures belong to the title: viewers see a change with their next answer."""
    picture = tmp_path / "poster.png"
    tool("-f", "lavfi", "-i", "color=c=orange:s=600x900", "-frames:v", "1", str(picture))
    with (
        Caller(every_format.url, PARTNER) as partner,
        Caller(every_format.url, new_viewer(every_format), "Newcomer") as viewer,
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
