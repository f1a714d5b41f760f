"""I7, P3: a film in HDR10 on a screen that shows it, on one that does not, and on one whose browser
does not decode it: one format in one range for the whole play."""

import json
import subprocess
import sys
from collections.abc import Iterator

import httpx
import imageio_ffmpeg
import pytest
from playwright.sync_api import Page

from tests.encoding.hdr import chart
from tests.journeys.conftest import ALARM_S, ROOT, Service, started
from tests.journeys.people import PARTNER, Caller
from tests.journeys.test_versions import SMALL, fetched_by

pytestmark = [pytest.mark.browser, pytest.mark.long]

SAID = (
    "log-level=error:max-cll=987,203:"
    "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
)


@pytest.fixture(scope="module")
def in_hdr(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    settings = {**SMALL, "VITASCOPE_ENCODING__FORMATS": "h264,av1-hdr"}
    with started(tmp_path_factory.mktemp("hdr") / "data", "--no-demo", **settings) as running:
        place = ["--data", str(running.data), "--port", str(httpx.URL(running.url).port)]
        command = [sys.executable, "-m", "vitascope", "account", PARTNER.email]
        known = ["--role", "partner", "--password", PARTNER.password, *place]
        subprocess.run([*command, *known], cwd=ROOT, check=True, timeout=ALARM_S)
        yield running


@pytest.fixture(scope="module")
def film(in_hdr: Service, tmp_path_factory: pytest.TempPathFactory) -> str:
    """HEVC comes later, by hand."""
    file = tmp_path_factory.mktemp("master") / "hdr.mp4"
    picture = ["-f", "lavfi", "-i", chart("pq", "512x128", seconds=6)]
    sound = ["-f", "lavfi", "-i", "anoisesrc=d=6:c=pink:r=48000:a=0.2:seed=7", "-c:a", "aac"]
    encoded = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", SAID]
    made = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *picture, *sound, *encoded, str(file)]
    subprocess.run(made, check=True, timeout=ALARM_S)
    done = in_hdr.run("ingest", str(file), "--title", "Bright", "--wait", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    title_id: str = json.loads(done.stdout)["title_id"]
    with Caller(in_hdr.url, PARTNER) as partner:
        has = partner.ok("GET", f"/api/studio/titles/{title_id}/contents/{title_id}/live")
    assert {"hevc-hdr"} <= {one["codec"] for one in has["offers"]}
    done = in_hdr.run("republish", title_id, "--add-format", "hevc-hdr", "--wait", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    with Caller(in_hdr.url, PARTNER) as partner:
        has = partner.ok("GET", f"/api/studio/titles/{title_id}/contents/{title_id}/live")
    ranges = {(one["codec"], one["dynamic_range"]) for one in has["formats"]}
    assert ranges == {("h264", "sdr"), ("av1", "hdr10"), ("hevc", "hdr10")}
    return title_id


def screen(page: Page, *, shows: bool, decodes: bool) -> None:
    """A browser that says so of its screen and of HDR; it decodes by itself what it is given."""
    page.add_init_script(
        f"""const match = window.matchMedia.bind(window);
            window.matchMedia = query => query.includes("dynamic-range: high")
                ? match({json.dumps("all" if shows else "not all")}) : match(query);
            const ask = navigator.mediaCapabilities.decodingInfo.bind(navigator.mediaCapabilities);
            navigator.mediaCapabilities.decodingInfo = async asked => {{
                const {{
                    transferFunction, colorGamut, hdrMetadataType, ...video
                }} = asked.video ?? {{}};
                const plain = asked.video ? {{...asked, video}} : asked;
                const answer = await ask(plain);
                if (!transferFunction) return answer;
                const right = colorGamut === "rec2020" && transferFunction === "pq"
                    && [undefined, "smpteSt2086"].includes(hdrMetadataType);
                const able = {json.dumps(decodes)} && right && answer.supported;
                return Object.assign(answer, {{supported: able, smooth: able}});
            }};"""
    )


def ranges_of(names: set[str]) -> set[str]:
    return {"hdr10" if "hdr10" in name else "sdr" for name in names}


def test_a_screen_that_shows_hdr_gets_it_and_nothing_else(
    page: Page, in_hdr: Service, film: str
) -> None:
    screen(page, shows=True, decodes=True)
    told, fetched = fetched_by(page, in_hdr, film)
    assert told == {"avc1", "av01"}, "Chromium has no HEVC"
    assert all("-av1-hdr10" in name for name in fetched), fetched


def test_a_screen_of_sdr_is_granted_none_of_it(page: Page, in_hdr: Service, film: str) -> None:
    screen(page, shows=False, decodes=True)
    told, fetched = fetched_by(page, in_hdr, film)
    assert told == {"avc1"}
    assert ranges_of(fetched) == {"sdr"}


def test_a_browser_that_does_not_decode_it_plays_sdr(
    page: Page, in_hdr: Service, film: str
) -> None:
    screen(page, shows=True, decodes=False)
    told, fetched = fetched_by(page, in_hdr, film)
    assert told == {"avc1", "av01"}, "the screen would show it"
    assert ranges_of(fetched) == {"sdr"}


def test_a_browser_as_it_is_plays_one_range(page: Page, in_hdr: Service, film: str) -> None:
    _, fetched = fetched_by(page, in_hdr, film)
    assert len(ranges_of(fetched)) == 1


def test_the_studio_names_the_ranges(in_hdr: Service, film: str) -> None:
    with Caller(in_hdr.url, PARTNER) as partner:
        has = partner.ok("GET", f"/api/studio/titles/{film}/contents/{film}/live")
    assert "hevc-hdr" not in {one["codec"] for one in has["offers"]}
    assert "av1" in {one["codec"] for one in has["offers"]}
