"""The partner's walks in Chromium: a master for an episode, publishing when it is said, and taking
back."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import ALARM_S, Service, until
from tests.journeys.people import PARTNER, VIEWER, Caller, sign_in, until_playing

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(1800)]

LONG_MS = 3 * ALARM_S * 1000


@pytest.fixture
def partner(page: Page, service: Service) -> Page:
    sign_in(page, service, PARTNER)
    expect(page).to_have_url(f"{service.url}/studio")
    return page


def named(name: str) -> str:
    return f"{name} {os.getpid()}"


def new_upload(page: Page) -> Locator:
    """Returns the card of the file that was chosen: not a job's, and not that of an upload which an
    earlier visit left, for which there is a field to choose its file again."""
    cards = page.locator(".studio-card:not([data-state])")
    return cards.filter(has_not=page.locator("input[type=file]"))


def job_of(page: Page, name: str) -> Locator:
    return page.locator(".studio-card[data-state]", has_text=name)


def seen_by_viewers(service: Service, name: str) -> bool:
    with Caller(service.url, VIEWER, "Ada") as ada:
        return name in [card["name"] for card in ada.found(name)]


def test_a_series_gets_its_episodes_and_a_master_for_one_of_them(
    partner: Page, service: Service, small_film: Path
) -> None:
    """D1 I1"""
    name = named("The Lost Island")
    partner.get_by_role("link", name="Titles").click()
    partner.get_by_role("button", name="New series").click()
    partner.get_by_label("Name", exact=True).first.fill(name)
    partner.get_by_role("button", name="Add a season").click()
    partner.get_by_label("Name of the episode").fill("The Shore")
    partner.get_by_role("button", name="Add an episode").click()
    partner.get_by_label("Name of the episode").nth(1).fill("The Map")
    partner.get_by_role("button", name="Save").click()
    expect(partner.get_by_text("Saved.")).to_be_visible()

    partner.get_by_role("link", name="Deliveries").click()
    partner.get_by_label("Choose files").set_input_files(small_film)
    upload = new_upload(partner)
    upload.get_by_label("Title").fill(name)
    expect(upload).to_contain_text("For an episode of the series")
    upload.get_by_label("Episode").select_option(label="S1 E2 The Map")
    upload.get_by_role("button", name="Upload").click()
    expect(job_of(partner, name)).to_contain_text("S1 E2 The Map")
    expect(job_of(partner, name)).to_have_attribute("data-state", "live", timeout=LONG_MS)
    with Caller(service.url, PARTNER) as caller:
        (title,) = caller.ok("GET", "/api/studio/titles", params={"name": name})["titles"]
        assert [one["playable"] for one in title["seasons"][0]["episodes"]] == [False, True]

    partner.get_by_label("Choose files").set_input_files(small_film)  # the same episode again
    again = new_upload(partner)
    again.get_by_label("Title").fill(name)
    again.get_by_label("Episode").select_option(label="S1 E2 The Map")
    replace = again.get_by_label("Replace what viewers can watch now")
    expect(replace).not_to_be_checked()
    again.get_by_role("button", name="Upload").click()
    expect(again.get_by_role("alert")).to_contain_text("live already")
    again.get_by_role("button", name="Cancel upload").click()


def test_a_film_is_published_when_its_partner_says_and_a_take_down_is_undone(
    partner: Page, service: Service, small_film: Path
) -> None:
    """I12 I13"""
    name = named("Wait for it")
    partner.get_by_label("Choose files").set_input_files(small_film)
    upload = new_upload(partner)
    upload.get_by_label("Title").fill(name)
    upload.get_by_label("Publish").select_option("asked")
    upload.get_by_role("button", name="Upload").click()
    job = job_of(partner, name)
    expect(job).to_have_attribute("data-state", "ready", timeout=LONG_MS)
    expect(job).to_contain_text("Nobody can see it yet")
    assert not seen_by_viewers(service, name)

    job.get_by_role("link", name="Preview").click()
    expect(partner.get_by_role("heading", name=name)).to_be_visible()
    partner.get_by_role("link", name="Play").click()
    until_playing(partner)
    address = re.search(r"/watch/(ttl_\w+)\?preview=", partner.url)
    assert address is not None
    with Caller(service.url, VIEWER, "Ada") as ada:
        body = {"content_id": address[1]}
        assert ada.http.post("/api/play", json=body).status_code == 404
        place = f"/api/studio/titles/{address[1]}/contents/{address[1]}/preview"
        assert ada.http.post(place, json={}).status_code == 403
    partner.goto(f"{service.url}/studio")

    job.get_by_role("button", name="Change when").click()
    job.get_by_label("Publish").select_option("date")
    expect(job.get_by_label(re.compile("Date and time"))).to_have_value(re.compile("T"))
    job.get_by_role("button", name="Save").click()
    expect(job).to_contain_text("It will be published on")
    job.get_by_role("button", name="Publish now").click()
    expect(job).to_have_attribute("data-state", "live")
    until(lambda: seen_by_viewers(service, name), "viewers do not find it")

    job.get_by_role("link", name="Edit the title").click()
    partner.get_by_role("button", name="Take down").click()
    asked = partner.get_by_role("dialog", name="Take down")
    expect(asked.get_by_role("button", name="Back")).to_be_focused()
    asked.get_by_role("button", name="Take down").click()
    undo = partner.get_by_role("button", name="Undo the take-down")
    expect(undo).to_be_focused()
    until(lambda: not seen_by_viewers(service, name), "viewers still find it")
    undo.click()
    expect(partner.get_by_role("button", name="Take down")).to_be_visible()
    until(lambda: seen_by_viewers(service, name), "viewers do not find it again")


def test_a_draft_is_deleted(partner: Page, service: Service) -> None:
    partner.get_by_role("link", name="Titles").click()
    partner.get_by_role("button", name="New film").click()
    partner.get_by_label("Name", exact=True).first.fill(named("Second thoughts"))
    partner.get_by_role("button", name="Save").click()
    expect(partner.get_by_text("Saved.")).to_be_visible()
    partner.get_by_role("button", name="Delete the draft").click()
    partner.get_by_role("dialog").get_by_role("button", name="Delete the draft").click()
    expect(partner).to_have_url(f"{service.url}/studio/titles")
    expect(partner.get_by_text(named("Second thoughts"))).to_have_count(0)
