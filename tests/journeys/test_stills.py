"""I11: a partner chooses the pictures of a film among several stills of it, with the keys alone."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import ALARM_S, ROOT, Service, until
from tests.journeys.people import PARTNER, VIEWER, Caller, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(1800)]

FILM = ROOT / "tests" / "media" / "bbb_480p24_6s.mp4"
SHAPES = {"Poster": 2 / 3, "Landscape": 16 / 9}
LONG_MS = 3 * ALARM_S * 1000


@pytest.fixture
def title(service: Service) -> dict[str, Any]:
    """On its way, and not to be seen by anybody before its partner says so."""
    name = f"Stills {os.getpid()}"
    sent = service.run("ingest", str(FILM), "--title", name)
    assert sent.returncode == 0, sent.stderr
    with Caller(service.url, PARTNER) as partner:

        def found() -> dict[str, Any]:
            named = {"name": name, "exact": True}
            (only,) = partner.ok("GET", "/api/studio/titles", params=named)["titles"]
            return dict(only)

        until(lambda: bool(found()["artwork"]["billboard"]), "it has no pictures")
        return found()


def test_a_partner_chooses_a_still_for_each_shape_with_the_keys(
    page: Page, service: Service, title: dict[str, Any], tmp_path: Path
) -> None:
    sign_in(page, service, PARTNER)
    expect(page).to_have_url(f"{service.url}/studio")
    page.goto(f"{service.url}/studio/titles/{title['id']}")
    before = title["artwork"]
    expect(page.get_by_role("button", name="Choose a still: Poster")).to_be_visible()
    large = page.get_by_role("button", name="Choose a still: Billboard")
    expect(large).to_have_count(0)  # 480 lines are too few for one
    for shape, ratio in SHAPES.items():
        opener = page.get_by_role("button", name=f"Choose a still: {shape}")
        opener.focus()
        page.keyboard.press("Enter")
        stills = page.get_by_role("dialog", name="Stills from the film")
        offered = stills.get_by_role("button", name="Still ")
        expect(offered.first).to_be_visible()
        expect(stills.get_by_role("img").first).to_be_visible()
        last = offered.last
        tabbed_to(page, last)
        page.keyboard.press("Enter")
        crop = page.get_by_role("dialog", name="Choose what to show")
        expect(crop.locator("img")).to_be_visible()
        page.keyboard.press("Escape")  # only this one closes, and the still has the focus again
        expect(crop).to_have_count(0)
        expect(last).to_be_focused()
        page.keyboard.press("Enter")
        tabbed_to(page, crop.get_by_label("Zoom"))
        page.keyboard.press("ArrowRight")
        tabbed_to(page, crop.get_by_role("button", name="Use this part"))
        page.keyboard.press("Enter")
        slot = page.locator(f"figure[data-field={shape.lower()}]")
        expect(slot).to_contain_text("Changed.")
        expect(stills).to_have_count(0)
        expect(opener).to_be_focused()
        expect(slot).not_to_contain_text("Taken from the film")
        shown = slot.locator("span img")
        width, height = shown.evaluate(
            "async img => { await img.decode(); return [img.naturalWidth, img.naturalHeight] }"
        )
        assert width / height == pytest.approx(ratio, rel=0.02)
    with Caller(service.url, PARTNER) as partner:
        artwork = partner.ok("GET", f"/api/studio/titles/{title['id']}")["artwork"]
        assert not {one["field"] for one in artwork["from_film"]} & set(map(str.lower, SHAPES))
        assert all(artwork[shape.lower()] != before[shape.lower()] for shape in SHAPES)
        place = f"/api/studio/titles/{title['id']}/contents/{title['id']}/stills"
        names = [one["name"] for one in partner.ok("GET", place)]
        assert len(names) >= 2
    with Caller(service.url, VIEWER, "Ada") as ada:
        assert ada.http.get(place).status_code == 403
        assert ada.http.get(f"{place}/{names[0]}").status_code == 403


def tabbed_to(page: Page, wanted: Locator) -> None:
    for _ in range(40):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    expect(wanted).to_be_focused()
