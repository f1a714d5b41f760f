"""I3: a master that needs review is decided about in the studio, by operators, and by command."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import ALARM_S, Service, until
from tests.journeys.people import OPERATOR, Caller, Person, open_account, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(1800)]

LONG_MS = 3 * ALARM_S * 1000
WAITS = "loudness review"  # every film with sound has this finding


@pytest.fixture(scope="module")
def partner(service: Service) -> Person:
    """Whose masters are all reviewed."""
    person = open_account(service, "partner", "reviewed")
    told = service.run("catalog", "rules", person.email, "--rule", WAITS)
    assert told.returncode == 0, told.stderr
    assert f"{WAITS}  (its own)" in told.stdout
    return person


def delivered(service: Service, partner: Person, film: Path, name: str) -> dict[str, Any]:
    own = ("--email", partner.email, "--password", partner.password)
    sent = service.run("ingest", str(film), "--title", name, "--wait", *own)
    assert sent.returncode == 0, sent.stderr
    assert "Needs review" in sent.stdout
    with Caller(service.url, partner) as caller:
        (job, *_) = caller.ok("GET", "/api/studio/jobs", params={"filter": "needs-review"})["jobs"]
        assert not job["playable"]
        return dict(job)


def state_of(service: Service, partner: Person, job: dict[str, Any]) -> str:
    with Caller(service.url, partner) as caller:
        return str(caller.ok("GET", f"/api/studio/jobs/{job['id']}")["state"])


def test_a_partner_looks_at_the_findings_and_publishes_the_film(
    page: Page, service: Service, partner: Person, small_film: Path
) -> None:
    service.run("catalog", "rules", partner.email, "--reviewers", "partner")
    job = delivered(service, partner, small_film, f"Reviewed {os.getpid()}")
    sign_in(page, service, partner)
    page.get_by_role("link", name="Review", exact=True).first.click()
    expect(page).to_have_url(f"{service.url}/studio/jobs/{job['id']}")
    expect(page.locator(".studio-findings li.review")).to_contain_text("LUFS")
    publish = page.get_by_role("button", name="Publish it")
    publish.click()
    expect(page.get_by_role("alert")).to_contain_text("reason")
    page.get_by_label("Reason").fill("As it was mixed")
    publish.click()
    expect(page.get_by_text("Approved in review")).to_be_visible()
    expect(page.get_by_text("As it was mixed")).to_be_visible()
    expect(page.locator("output.studio-state.live")).to_be_visible(timeout=LONG_MS)


def test_an_operator_refuses_a_master_of_whichever_partner(
    page: Page, service: Service, partner: Person, small_film: Path
) -> None:
    job = delivered(service, partner, small_film, f"Refused {os.getpid()}")
    sign_in(page, service, OPERATOR, "/operator")
    page.get_by_role("link", name=re.compile("master to review")).click()
    page.get_by_role("link", name=f"Review: Refused {os.getpid()}").click()
    page.get_by_label("Reason").fill("Too loud")
    page.get_by_role("button", name="Refuse it").click()
    expect(page.get_by_text("Refused in review")).to_be_visible()
    assert state_of(service, partner, job) == "rejected"


def test_it_is_decided_by_command_and_where_operators_decide_by_no_partner(
    service: Service, partner: Person, small_film: Path
) -> None:
    job = delivered(service, partner, small_film, f"Commanded {os.getpid()}")
    own = ("--email", partner.email, "--password", partner.password)
    told = service.run("catalog", "rules", partner.email, "--reviewers", "operator")
    assert "operators alone" in told.stdout
    decide = ("jobs", "review", str(job["id"]), "--approve", "--reason", "Heard it")
    refused = service.run(*decide, *own)
    assert refused.returncode == 1
    assert "Only operators" in refused.stderr
    operator = ("--email", OPERATOR.email, "--password", OPERATOR.password)
    listed = service.run("jobs", "list", "--filter", "needs-review", *operator)
    assert str(job["id"]) in listed.stdout
    approved = service.run(*decide, *operator)
    assert approved.returncode == 0, approved.stderr
    until(lambda: state_of(service, partner, job) == "live", "it did not go on")
    shown = service.run("jobs", "show", str(job["id"]), *own)
    assert re.search("Approved by .+: Heard it", shown.stdout)
    told_json = service.run("jobs", "show", str(job["id"]), "--json", *own)
    assert json.loads(told_json.stdout)["review"]["by"]["is_operator"] is True
