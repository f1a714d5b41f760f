"""P10: what people expect of a player, beyond that the picture moves."""

import json
import re
import subprocess
from typing import Any

import httpx
import imageio_ffmpeg
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, Route, expect

from tests.journeys.conftest import ROOT, Service, until, visit
from tests.journeys.people import Caller, Person, bunny, new_viewer, sign_in_unseen, until_playing

pytestmark = [pytest.mark.browser, pytest.mark.long]

TONGUES = ROOT / "tests" / "media" / "bbb_multi.mkv"


@pytest.fixture(scope="module")
def in_two_tongues(service: Service, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The id of a film of sixteen seconds with sound and subtitles in English and French, small
    enough to be encoded while the demo is."""
    master = tmp_path_factory.mktemp("tongues") / TONGUES.name
    small = ["-c:v", "libx264", "-preset", "ultrafast", "-vf", "scale=428:240", "-r", "12"]
    cut = ["-i", str(TONGUES), "-t", "16", "-map", "0", "-c", "copy", *small, str(master)]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *cut], check=True)
    done = service.run("ingest", str(master), "--title", "In two tongues", "--wait", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    title_id: str = json.loads(done.stdout)["title_id"]
    return title_id


def one_seat(service: Service) -> Person:
    """Somebody on the plan with one stream."""
    person = new_viewer(service)
    with Caller(service.url, person, "Newcomer") as caller:
        caller.ok("PUT", "/api/subscription", json={"plan_id": "basic"})
    return person


def sit_down(context: BrowserContext, service: Service, person: Person | None = None) -> None:
    sign_in_unseen(context, service, person or new_viewer(service), "Newcomer")


def menu(page: Page, name: str) -> Locator:
    """The sheet of a menu of the player, opened."""
    page.locator("video").hover()
    page.get_by_role("button", name=name, exact=True).click()
    return page.locator(".control-sheet")


def test_sound_subtitles_and_speed_are_chosen_from_menus(
    page: Page, service: Service, in_two_tongues: str
) -> None:
    """P10 I7: the language that is chosen is fetched, and its words are on the screen."""
    fetched: set[str] = set()
    page.on("request", lambda one: fetched.update(re.findall(r"/([at]-\w+[\w-]*)\.mp4", one.url)))
    sit_down(page.context, service)
    page.goto(f"{service.url}/watch/{in_two_tongues}")
    until_playing(page, 0.2)
    page.keyboard.press("k")  # paused: the controls stay, and so do the words
    assert not [name for name in fetched if name.startswith(("a-fr", "t-"))], fetched
    choices = menu(page, "Audio and subtitles")
    sound = choices.get_by_role("group", name="Audio")
    expect(sound.get_by_role("radio", name="French")).not_to_be_checked()
    with page.expect_request(re.compile(r"/a-fr[\w-]*\.mp4")):
        sound.get_by_role("radio", name="French").check()
    words = choices.get_by_role("group", name="Subtitles")
    expect(words.get_by_role("radio", name="Off")).to_be_checked()
    with page.expect_request(re.compile(r"/t-fr[\w-]*\.mp4")):
        words.get_by_role("radio", name="French").check()
    page.keyboard.press("Escape")
    pace = menu(page, "Speed")
    pace.get_by_role("radio", name="0.5 ×").click()
    expect(pace.get_by_role("radio", name="0.5 ×")).to_be_checked()
    page.wait_for_function("() => document.querySelector('video').playbackRate === 0.5")
    page.keyboard.press("Escape")
    page.keyboard.press("7")  # seven tenths: its first words are heard in the eleventh second
    expect(page.locator(".player-text")).to_have_text("Bonjour")


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_the_player_says_that_the_data_saver_limits_the_picture(
    page: Page, service: Service, locale: str
) -> None:
    """In plain words, and only while it is on."""
    said = {
        "en": ("Picture quality", "The data saver of this profile is on: 480p at most."),
        "fr": (
            "Qualité de l’image",
            "L’économie de données de ce profil est activée : 480p au plus.",
        ),
    }
    label, sentence = said[locale]
    person = new_viewer(service)
    film = bunny(service)
    for saves in (False, True):
        with Caller(service.url, person, "Newcomer") as caller:
            own = caller.ok("GET", "/api/profiles")[0]
            changed = {"locale": locale, "data_saver": saves}
            caller.ok("PATCH", f"/api/profiles/{own['id']}", json=changed)
        sign_in_unseen(page.context, service, person, "Newcomer")
        page.goto(f"{service.url}/watch/{film}")
        until_playing(page, 0.2)
        page.keyboard.press("k")
        note = menu(page, label)
        expect(note).to_contain_text(re.compile(r"\d+p"))
        if saves:
            expect(note).to_contain_text(sentence)
            page.keyboard.press("Escape")
            expect(page.get_by_role("button", name=label, exact=True)).to_be_focused()
        else:
            expect(note).not_to_contain_text(sentence)
        page.keyboard.press("Escape")
        page.goto(f"{service.url}/my-list")


def test_the_seek_bar_shows_what_is_there(
    page: Page, service: Service, in_two_tongues: str
) -> None:
    """P10: a picture of the film at the place that is pointed at."""
    sit_down(page.context, service)
    page.goto(f"{service.url}/watch/{in_two_tongues}")
    until_playing(page, 0.2)
    bar = page.get_by_role("slider", name="Position")
    box = bar.bounding_box()
    assert box
    with page.expect_response(re.compile(r"/thumbs-\d+\.jpg")) as picture:
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert picture.value.status == 200
    assert picture.value.body().startswith(b"\xff\xd8")
    expect(page.locator(".seek-frame")).to_be_visible()
    expect(page.locator(".seek-aim")).to_contain_text(re.compile("0:0[78]"))  # of fifteen


def test_the_next_episode_needs_no_new_seat(
    page: Page, service: Service, in_two_tongues: str
) -> None:
    """P10 P2: on a plan with one stream; that there is a next one is said in the answer's place."""
    person, film = one_seat(service), bunny(service)

    def with_a_next(route: Route) -> None:
        answer = route.fetch()
        body: dict[str, Any] = answer.json()
        if body.get("content_id") == in_two_tongues:
            body["next_content_id"] = film
        route.fulfill(response=answer, json=body)

    page.route(re.compile(r"/api/play$"), with_a_next)
    sit_down(page.context, service, person)
    page.goto(f"{service.url}/watch/{in_two_tongues}")
    until_playing(page, 0.2)
    page.keyboard.press("k")  # paused: the film doesn't end meanwhile, and the controls stay
    page.evaluate("delete window.__from")
    page.locator("video").hover()
    page.get_by_role("button", name="Next episode").click()
    expect(page).to_have_url(f"{service.url}/watch/{film}")
    expect(page.locator("h1")).to_have_text("Big Buck Bunny")
    until_playing(page, 0.5)
    with Caller(service.url, person, "Newcomer") as caller:

        def played() -> list[str]:
            return [one["title"] for one in caller.ok("GET", "/api/streams")]

        until(lambda: played() == ["Big Buck Bunny"], "the first film is not left")


def test_a_screen_reader_hears_the_countdown_once(
    page: Page, service: Service, in_two_tongues: str
) -> None:
    """P10 P12: the next episode is counted down for the eye alone."""
    film = bunny(service)

    def at_the_credits(route: Route) -> None:
        answer = route.fetch()
        body: dict[str, Any] = answer.json()
        if body.get("content_id") == in_two_tongues:
            body |= {"next_content_id": film, "credits_start_ms": 0}
        route.fulfill(response=answer, json=body)

    page.route(re.compile(r"/api/play$"), at_the_credits)
    sit_down(page.context, service)
    page.goto(f"{service.url}/watch/{in_two_tongues}")
    card = page.get_by_role("complementary", name="Next episode")
    expect(card.locator("p[aria-hidden]")).to_have_text(re.compile(r"in [1-7]$"))
    expect(card.get_by_role("status")).to_have_text("Next episode in 8")


def test_who_finds_no_seat_is_told_who_sits_there_and_can_take_it(
    page: Page, service: Service
) -> None:
    """P1 P2 P10: the refusal names the device and the film, and frees the place on a click."""
    person, film = one_seat(service), bunny(service)
    with Caller(service.url, person, "Newcomer") as caller:
        wish = {"content_id": film, "device_name": "Kitchen television"}
        there = caller.ok("POST", "/api/play", json=wish)
        sit_down(page.context, service, person)
        page.goto(f"{service.url}/watch/{film}")
        trouble = page.get_by_role("alert")
        expect(trouble).to_have_attribute("data-code", "too-many-streams")
        expect(trouble.get_by_role("listitem")).to_contain_text(
            re.compile("Kitchen television.*Big Buck Bunny")
        )
        trouble.get_by_role("button", name=re.compile("Kitchen television")).click()
        expect(trouble).to_have_count(0)  # until then it is the refusal's
        until_playing(page, 0.5)
        beat = {"session_id": there["session_id"], "sequence": 1, "position_ms": 1}
        assert caller.http.post("/api/progress", json=beat).status_code == httpx.codes.GONE


def test_a_finger_shows_the_controls_and_does_not_stop_the_film(
    chromium: Browser, service: Service, in_two_tongues: str
) -> None:
    """P10: on a telephone, where every button is on the screen."""
    phone = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
    with visit(chromium, **phone) as context:
        sit_down(context, service)
        page = context.new_page()
        page.goto(f"{service.url}/watch/{in_two_tongues}")
        until_playing(page, 0.2)
        player = page.locator(".player")
        expect(player).to_have_attribute("data-idle", "true")
        page.locator("video").tap(position={"x": 180, "y": 300})
        expect(player).not_to_have_attribute("data-idle", "true")
        assert not page.evaluate("document.querySelector('video').paused")
        for name in ("Pause", "Full screen", "Audio and subtitles", "Speed"):
            box = page.get_by_role("button", name=name, exact=True).bounding_box()
            assert box, name
            assert box["x"] >= 0, name
            assert box["x"] + box["width"] <= 360, name


def test_what_was_chosen_is_there_in_the_next_film(
    page: Page, service: Service, in_two_tongues: str
) -> None:
    """P10: language, subtitles, volume and speed of a profile; `c` takes the subtitles back."""
    sit_down(page.context, service)
    address = f"{service.url}/watch/{in_two_tongues}"
    page.goto(address)
    until_playing(page, 0.2)
    page.keyboard.press("k")
    choices = menu(page, "Audio and subtitles")
    choices.get_by_role("group", name="Audio").get_by_role("radio", name="French").check()
    choices.get_by_role("group", name="Subtitles").get_by_role("radio", name="French").check()
    page.keyboard.press("Escape")
    menu(page, "Speed").get_by_role("radio", name="0.75 ×").check()
    page.keyboard.press("Escape")
    page.get_by_role("slider", name="Volume").fill("0.4")
    page.goto(address)
    until_playing(page, 0.1)
    page.keyboard.press("k")
    heard = page.evaluate(
        "() => { const v = document.querySelector('video'); return [v.volume, v.playbackRate]; }"
    )
    assert heard == [0.4, 0.75]
    choices = menu(page, "Audio and subtitles")
    for group in ("Audio", "Subtitles"):
        chosen = choices.get_by_role("group", name=group).get_by_role("radio", name="French")
        expect(chosen).to_be_checked()
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    choices = menu(page, "Audio and subtitles")
    off = choices.get_by_role("group", name="Subtitles").get_by_role("radio", name="Off")
    expect(off).to_be_checked()


def test_after_the_end_one_plays_again_or_goes_on(
    page: Page, service: Service, in_two_tongues: str
) -> None:
    """P10 P2: what plays after the end plays in a session of its own."""
    sessions: list[str] = []
    page.on("request", lambda one: sessions.append(one.url) if is_a_start(one) else None)
    sit_down(page.context, service)
    page.goto(f"{service.url}/watch/{in_two_tongues}")
    until_playing(page, 0.2)
    page.keyboard.press("9")
    end = page.get_by_role("region", name="The end")
    expect(end.get_by_role("button", name="Back", exact=True)).to_be_focused()
    expect(end.get_by_role("button", name="Watch again")).to_be_visible()
    assert len(sessions) == 1
    page.keyboard.press("Home")
    expect(end).to_have_count(0)
    page.evaluate("delete window.__from")
    until_playing(page, 0.2)
    assert len(sessions) == 2


def is_a_start(request: Request) -> bool:
    return request.method == "POST" and request.url.endswith("/api/play")
