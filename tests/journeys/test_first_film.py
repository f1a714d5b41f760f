"""Both main paths in a real browser: a master goes up and becomes a film; a film is watched, left,
and gone on with on another device."""

import json
import os
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Request, Response, Route, expect

from tests.journeys.conftest import ALARM_S, ROOT, Service, until, visit
from tests.journeys.people import (
    PARTNER,
    VIEWER,
    Caller,
    bunny,
    choose,
    position_of,
    sign_in,
    sign_in_unseen,
    until_playing,
)

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(1800)]

MEDIA = ROOT / "tests" / "media"
# A first version is encoded, packaged and verified before the whole title is analysed.
STATES = {"queued", "inspecting", "analysing", "encoding", "packaging", "verifying", "live"}

# Every state that a card was in, in the order of their coming.
WATCH_STATES = """
window.__states = {};
new MutationObserver(() => {
    for (const card of document.querySelectorAll(".studio-card[data-state]")) {
        const name = card.querySelector("strong")?.textContent ?? "";
        const seen = (window.__states[name] ??= []);
        if (seen.at(-1) !== card.dataset.state) seen.push(card.dataset.state);
    }
}).observe(document, { subtree: true, childList: true, attributes: true });
"""


# Where the film was when it had anything to show for the first time: where it was told to begin.
WATCH_BEGIN = """
document.addEventListener(
    "seeking", event => { window.__began ??= event.target.currentTime; }, true
);
"""


@pytest.fixture
def master(tmp_path: Path) -> Path:
    """Black, frozen and silent in places; a `free` box of four megabytes makes it long to send."""
    file = tmp_path / f"A_Study_in_Black_{tmp_path.name}.mp4"
    box = os.urandom(4_000_000)
    head = (len(box) + 8).to_bytes(4, "big") + b"free"
    file.write_bytes((MEDIA / "synth_black_freeze_silence.mp4").read_bytes() + head + box)
    return file


class Uplink:
    """How fast the page can send. Slow is minutes for the master: whatever a test does to the
    upload, it does in the middle of it."""

    SLOW, FAST = 20_000, -1

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Network.enable")

    def send_at(self, bytes_per_s: int) -> None:
        conditions = {"offline": False, "latency": 0, "downloadThroughput": -1}
        self._session.send(
            "Network.emulateNetworkConditions", {**conditions, "uploadThroughput": bytes_per_s}
        )


def upload_of(page: Page, text: str) -> Locator:
    return page.locator(".studio-card:not([data-state])", has_text=text)


def drop(page: Page, master: Path) -> Locator:
    page.get_by_label("Choose files").set_input_files(master)
    return upload_of(page, master.name)


def begin(page: Page, uplink: Uplink, service: Service, master: Path, title: str) -> Locator:
    """An upload under way, so slow that it can be disturbed."""
    sign_in(page, service, PARTNER)
    expect(page).to_have_url(f"{service.url}/studio")
    uplink.send_at(Uplink.SLOW)
    upload = drop(page, master)
    upload.get_by_label("Title").fill(title)
    upload.get_by_role("button", name="Upload").click()
    expect(upload).to_contain_text(re.compile(r"[1-9]\d?%"))
    return upload


def unfinished(page: Page, master: Path) -> Locator:
    return page.get_by_role("region", name="Unfinished uploads").locator("li", has_text=master.name)


def kept_by(service: Service, master: Path) -> int:
    """How many bytes the service has of an upload that was cut off."""
    with Caller(service.url, PARTNER) as partner:

        def offset() -> int:
            kept = partner.ok("GET", "/api/studio/uploads?state=uploading")
            of_it = (one for one in kept if one["draft"]["file_name"] == master.name)
            return int(next(of_it)["offset"])

        until(lambda: offset() > 0, "the service kept nothing of what was sent")
        return offset()


def sent_from(page: Page) -> list[int]:
    """The offsets at which bytes are sent from now on."""
    offsets: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            offsets.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    return offsets


def test_a_partner_brings_a_film_to_the_screen(page: Page, service: Service, master: Path) -> None:
    """I1 I2 I4 I6 I10 I13: dropped, paused, resumed, taken up after a reload, live, with a report
    that shows hull, rungs with their VMAF, and findings with time codes."""
    page.add_init_script(WATCH_STATES)
    title = f"Une étude en noir {os.getpid()}"
    uplink = Uplink(page)
    upload = begin(page, uplink, service, master, title)
    with page.expect_event("requestfailed", lambda request: request.method == "PATCH"):
        upload.get_by_role("button", name="Pause").click()  # what was on its way is given up
    expect(upload).to_contain_text("Paused")
    upload.get_by_role("button", name="Resume").click()
    expect(upload).to_contain_text("Uploading")
    page.reload()  # in the middle of it

    uplink.send_at(Uplink.FAST)
    kept = kept_by(service, master)
    offsets = sent_from(page)
    expect(unfinished(page, master)).to_contain_text("% uploaded, kept until")
    upload = drop(page, master)
    expect(unfinished(page, master)).to_have_count(0)
    expect(upload).to_contain_text("is already uploaded")
    upload.get_by_role("button", name="Resume").click()

    job = page.locator(".studio-card[data-state]", has_text=title)
    expect(job).to_have_attribute("data-state", "live", timeout=3 * ALARM_S * 1000)
    assert offsets[0] >= kept
    seen = page.evaluate("name => window.__states[name]", title)
    assert len(seen) > 1, "it shows how far the job is"
    assert seen[-1] == "live"
    assert set(seen) <= STATES

    job.get_by_role("link", name="Report").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    plot = page.get_by_role(
        "img", name=re.compile(r"Plot of VMAF over bitrate in H.264: \d+ trial")
    )
    expect(plot).to_be_visible()
    assert plot.locator("circle.trial").count() >= 4
    rungs = page.get_by_role("row").filter(has_text="kbit/s")
    assert rungs.count() >= 1
    for vmaf in rungs.locator("td:last-child").all_inner_texts():
        assert 0 < float(vmaf) <= 100
    findings = page.locator(".studio-findings")
    for code in ("black", "freeze", "silence"):
        expect(findings.locator("li", has_text=code).first).to_contain_text(
            re.compile(r"\d+:\d\d.* to .*\d+:\d\d")
        )
    page.reload()  # a deep link to a report works
    expect(plot).to_be_visible()


def test_another_browser_goes_on_with_an_upload_or_gives_it_up(
    page: Page, service: Service, master: Path
) -> None:
    """I1: the studio shows what the service keeps, whoever began it."""
    uplink = Uplink(page)
    begin(page, uplink, service, master, f"Begun elsewhere {os.getpid()}")
    page.evaluate("() => localStorage.clear()")
    page.reload()

    kept_bytes = kept_by(service, master)
    kept = unfinished(page, master)
    expect(kept).to_contain_text(re.compile(r"\d+% uploaded, kept until"))
    expect(kept).to_contain_text("Begun elsewhere")
    file = kept.get_by_label("Choose the file")
    file.set_input_files(MEDIA / "synth_black_freeze_silence.mp4")
    expect(kept.get_by_role("alert")).to_contain_text("That is another file")
    with page.expect_request(lambda request: request.method == "PATCH") as sent:
        file.set_input_files(master)
    assert int(sent.value.headers["upload-offset"]) >= kept_bytes
    expect(upload_of(page, master.name)).to_contain_text("Uploading")
    expect(kept).to_have_count(0)
    page.reload()

    kept.get_by_role("button", name="Cancel upload").click()
    expect(kept).to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", name="Deliveries")).to_be_visible()
    expect(kept).to_have_count(0)


def test_a_service_that_stumbles_costs_no_sent_byte(
    page: Page, service: Service, master: Path
) -> None:
    """I1: where an upload stands is asked until the service says it."""
    title = f"Stumbled over {os.getpid()}"
    uplink = Uplink(page)
    upload = begin(page, uplink, service, master, title)
    upload.get_by_role("button", name="Pause").click()
    expect(upload).to_contain_text("Paused")
    kept = kept_by(service, master)
    asked: list[str] = []

    def stumble(route: Route) -> None:
        asked.append(route.request.method)
        if asked.count("HEAD") > 2:
            route.fallback()
        else:
            route.fulfill(status=(503, 429)[len(asked) % 2], headers={"Tus-Resumable": "1.0.0"})

    page.route("**/api/uploads/**", stumble)
    offsets = sent_from(page)
    uplink.send_at(Uplink.FAST)
    upload.get_by_role("button", name="Resume").click()
    expect(page.locator(".studio-card[data-state]", has_text=title)).to_be_visible()
    assert asked == ["HEAD", "HEAD", "HEAD", "PATCH"]
    assert offsets[0] >= kept


def test_a_partner_writes_what_viewers_read(
    page: Page, chromium: Browser, service: Service, tmp_path: Path
) -> None:
    """D1 P12: words in two languages, facts, people and a poster of one's own."""
    name = f"Untold {os.getpid()}"
    with Caller(service.url, PARTNER) as partner:
        title = partner.ok("POST", "/api/studio/titles", json={"name": name})
    sign_in(page, service, PARTNER, "/studio/titles")
    page.get_by_label("Find by name").fill("no title has this in its name")
    expect(page.get_by_text("No title matches.")).to_be_visible()
    page.get_by_label("Find by name").fill(name.lower())
    page.get_by_label("State").select_option("Draft")
    page.get_by_role("link", name=name).press("Enter")
    expect(page.get_by_role("heading", name=name)).to_be_visible()

    poster = tmp_path / "poster.png"
    Image.new("RGB", (600, 900), "teal").save(poster)
    slot = page.get_by_role("figure").filter(has_text="Poster")
    slot.locator("input").set_input_files(MEDIA / "bbb_truncated.mp4")
    expect(slot.get_by_role("alert")).to_contain_text("picture can't be read")
    slot.locator("input").set_input_files(poster)
    expect(slot.get_by_role("img")).to_be_visible()

    english = page.get_by_role("group", name="Texts in English")
    english.get_by_label("Synopsis").fill("A story that nobody told before.")
    french = page.get_by_role("group", name="Texts in French")
    french.get_by_label("Name").fill(f"Jamais raconté {os.getpid()}")
    page.get_by_label("Age rating").select_option("7+")
    page.get_by_label("Drama", exact=True).check()
    page.get_by_label("Countries").fill("fr, de")
    page.get_by_role("button", name="Add a person").click()
    page.get_by_role("group", name="People").get_by_label("Name").fill("Lotte Reiniger")
    page.get_by_label("Announce it").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    spoken = page.get_by_role("region", name="Subtitles")
    spoken.get_by_label("Language").fill("fr")
    words = tmp_path / "film.fr.srt"
    words.write_text("no times at all")
    spoken.get_by_label("Add a file").set_input_files(words)
    expect(spoken.get_by_role("alert")).to_contain_text("no subtitles in SRT, WebVTT, ASS")
    words.write_text("1\n00:00:01,000 --> 00:00:02,000\nJamais.\n")
    spoken.get_by_label("Add a file").set_input_files(words)
    expect(spoken.get_by_role("listitem")).to_contain_text(["French"])
    page.reload()
    expect(spoken.get_by_role("listitem")).to_contain_text("film.fr.srt")
    spoken.get_by_label("Language").fill("fr")
    spoken.get_by_label("Kind").select_option("For the deaf and hard of hearing")
    spoken.get_by_label("Add a file").set_input_files(words)
    expect(spoken.get_by_role("listitem")).to_have_count(2)
    deaf = spoken.get_by_role("listitem").filter(has_text="For the deaf and hard of hearing")
    deaf.get_by_label("Shown later by").fill("-1,5")
    deaf.get_by_role("button", name="Move", exact=True).click()
    expect(deaf.get_by_role("button", name="Move", exact=True)).to_have_count(0)
    page.reload()
    expect(deaf.get_by_label("Shown later by")).to_have_value("-1.5")
    deaf.get_by_role("button", name="Remove French").click()
    expect(spoken.get_by_role("listitem")).to_have_count(1)
    spoken.get_by_role("button", name="Remove French").click()
    expect(spoken.get_by_role("listitem")).to_have_count(0)
    expect(english.get_by_label("Synopsis")).to_have_value("A story that nobody told before.")
    expect(page.get_by_text("Announced", exact=True)).to_be_visible()

    with visit(chromium) as context:
        sign_in_unseen(context, service, VIEWER, "Ada")
        seat = context.new_page()
        seat.goto(f"{service.url}/title/{title['id']}")
        expect(seat.get_by_role("heading", name=name)).to_be_visible()
        for read in ("A story that nobody told before.", "Lotte Reiniger", "7+", "France", "Drama"):
            expect(seat.get_by_text(read).first).to_be_visible()
    with Caller(service.url, PARTNER) as partner:
        kept = partner.ok("GET", f"/api/studio/titles/{title['id']}")
        assert [words["locale"] for words in kept["wordings"]] == ["en", "fr"]
        assert kept["artwork"]["poster"]
        partner.ok("POST", f"/api/studio/titles/{title['id']}/take-down")


def test_a_bad_file_is_refused_in_words(page: Page, service: Service, tmp_path: Path) -> None:
    """I3: the studio says which refusal it is, and what to do."""
    file = tmp_path / f"Cut short {os.getpid()}.mp4"
    file.write_bytes((MEDIA / "bbb_truncated.mp4").read_bytes())
    sign_in(page, service, PARTNER, "/studio")
    drop(page, file).get_by_role("button", name="Upload").click()
    job = page.locator(".studio-card[data-state]", has_text=file.stem)
    expect(job).to_have_attribute("data-state", "rejected")
    expect(job).to_contain_text("Refused")
    job.get_by_role("link", name="Report").click()
    expect(page.get_by_role("heading", name="Why it was refused")).to_be_visible()
    finding = page.locator(".studio-findings li").first
    expect(finding.locator("code")).to_have_text(re.compile(r"^[a-z][a-z-]+$"))
    expect(finding.locator("p").first).to_have_text(re.compile(r"\w+ \w+ \w+.*\."))
    with Caller(service.url, VIEWER, "Ada") as ada:
        found = [one["name"] for one in ada.found(file.stem)]
    assert file.stem not in found, "viewers are not told of a title that was never published"


def says_stopped(answer: Response) -> bool:
    """To the last heartbeat, by whoever leaves a film."""
    asked = answer.request.post_data or ""
    return "/api/progress" in answer.url and json.loads(asked)["state"] == "stopped"


def test_a_viewer_finds_a_film_and_goes_on_elsewhere(
    page: Page, chromium: Browser, service: Service
) -> None:
    """D2 D3 U2 P1 P4 P8: found in spite of a typo and a missing diacritic, decrypted and played,
    left in the middle, and gone on with from another device, where home shows how far one is."""
    with Caller(service.url, VIEWER, "Ada") as ada:
        ada.ok("DELETE", f"/api/history/{bunny(service)}")
    sign_in(page, service, VIEWER)
    choose(page, "Ada")
    expect(page.locator(".row").first).to_be_visible()
    page.get_by_role("link", name="Search").click()
    box = page.get_by_role("searchbox", name="Search")
    box.fill("haxan")
    expect(page.get_by_role("link", name=re.compile("^Häxan"))).to_be_visible()
    box.fill("big buk buny")
    page.get_by_role("link", name=re.compile("^Big Buck Bunny")).click()

    licences: list[int] = []
    page.on(
        "response",
        lambda answer: licences.append(answer.status) if "/api/licence/" in answer.url else None,
    )
    page.get_by_role("link", name=re.compile("^Play")).first.click()
    until_playing(page, 9)
    assert licences
    assert set(licences) == {200}
    assert page.evaluate("document.querySelector('video').mediaKeys !== null")
    assert page.evaluate("window.__vita.stats().decodedFrames") > 0
    with page.expect_response(says_stopped) as told:
        page.keyboard.press("Escape")
    left = json.loads(told.value.request.post_data or "{}")["position_ms"] / 1000
    assert left >= 9
    expect(page.get_by_role("link", name=re.compile("^Resume"))).to_be_visible()

    with visit(chromium) as other:
        tablet = other.new_page()
        tablet.add_init_script(WATCH_BEGIN)
        sign_in(tablet, service, VIEWER)
        choose(tablet, "Ada")
        row = tablet.locator(".row[data-kind=continue]")
        tile = row.get_by_role("link", name=re.compile("^Big Buck Bunny"))
        expect(tile).to_be_visible()
        expect(tile.get_by_role("img", name=re.compile(r"^\d+% watched"))).to_be_visible()
        tile.click()
        until_playing(tablet)
        began = tablet.evaluate("window.__began")
        assert began == pytest.approx(left, abs=0.5)
        assert position_of(tablet) > began


def test_a_film_of_the_demo_is_on_the_home_page(page: Page, service: Service) -> None:
    """D1 D2 G1: what is published is on the home page, which comes compressed, and leads to its
    own page."""
    with Caller(service.url, VIEWER, "Ada") as ada:
        assert ada.http.get("/api/homepage").headers.get("content-encoding") in ("br", "gzip")
    sign_in_unseen(page.context, service, VIEWER, "Ada")
    page.goto(service.url)
    link = page.locator(f"a[href='/title/{bunny(service)}']").first
    expect(link).to_be_attached()
