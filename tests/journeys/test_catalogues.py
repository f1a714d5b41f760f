"""I1: rights per catalogue. Every route of the studio is asked as another partner, who learns
nothing; until an operator opens the catalogue, and after it is closed again."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.ingest.test_tus import told
from tests.journeys.conftest import ROOT, Service, until
from tests.journeys.people import Caller, open_account

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

SECRET = "The Unannounced Sequel"
TUS = {"Tus-Resumable": "1.0.0"}
OF_NOBODY = {"/api/studio/genres", "/api/studio/catalogues"}  # the same for all, or the caller's


class Theirs:
    """What one partner has: a title, a job, an upload."""

    def __init__(self, partner: Caller, film: Path) -> None:
        draft = {"name": SECRET, "synopsis": SECRET}
        self.title = partner.ok("POST", "/api/studio/titles", json=draft)["id"]
        upload = self.send(partner, film.read_bytes(), self.title, f"{SECRET}.mp4")
        self.upload = upload.rpartition("/")[2]
        jobs: list[Any] = []

        def known() -> bool:
            jobs[:] = partner.ok("GET", "/api/studio/jobs")["jobs"]
            return bool(jobs)

        until(known, "no job for the master")
        self.job = jobs[0]["id"]

    @staticmethod
    def send(partner: Caller, film: bytes, title: str, name: str) -> str:
        """Deliver a master. Returns the address of the upload."""
        words = told(filename=name, title_id=title)
        headers = TUS | {"Upload-Length": str(len(film)), "Upload-Metadata": words}
        headers["Content-Type"] = "application/offset+octet-stream"
        answer = partner.http.post("/api/uploads", headers=headers, content=film)
        assert answer.status_code == 201, answer.text
        location: str = answer.headers["location"]
        return location


class People:
    def __init__(self, service: Service) -> None:
        self.partner = Caller(service.url, open_account(service, "partner"))
        self.operator = Caller(service.url, open_account(service, "operator"))
        self.other = Caller(service.url, open_account(service, "partner", "other"))


@pytest.fixture(scope="module")
def people(empty: Service) -> Iterator[People]:
    people = People(empty)
    with people.partner, people.operator, people.other:
        yield people


@pytest.fixture(scope="module")
def theirs(people: People, small_film: Path) -> Theirs:
    return Theirs(people.partner, small_film)


def studio_routes() -> list[tuple[str, str]]:
    document = json.loads((ROOT / "web" / "openapi.json").read_text())
    return [
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method in methods
        if re.match(r"/api/(studio|uploads)", path) and path not in OF_NOBODY
    ]


def ask(caller: Caller, method: str, path: str, theirs: Theirs, **more: str) -> httpx.Response:
    """Ask with the other's ids wherever a route takes one, and a body that it would take."""
    filled = path.format(
        title_id=theirs.title,
        content_id=theirs.title,
        job_id=theirs.job,
        upload_id=theirs.upload,
        field="poster",
        language="fr",
        name=f"{theirs.job}-1",
    )
    bodies: dict[str, Any] = {
        "cancel": {"reason": "x"},
        "retry": {"reason": "x"},
        "review": {"approve": True, "reason": "x"},
        "schedule": {"publish_at_ms": None},
        "republish": {"new_keys": True},
        "estimate": {"duration_ms": 1000, "width": 64, "height": 36, "frame_rate": 25},
    }
    headers = {**TUS, "Upload-Offset": "0", "Content-Type": "application/json", **more}
    body = json.dumps(bodies.get(path.rpartition("/")[2], {"year": 1999})).encode()
    if path.startswith("/api/uploads"):
        headers["Content-Type"] = "application/offset+octet-stream"
        body = b"x"
    if path.endswith("/{language}"):
        filled += "?moved_ms=40" if method == "PATCH" else ""
        body = b"1\n00:00:01,000 --> 00:00:02,000\nx\n"
    return caller.http.request(method, filled, headers=headers, content=body)


@pytest.mark.parametrize(("method", "path"), studio_routes())
def test_another_partner_is_told_nothing(
    people: People, theirs: Theirs, method: str, path: str
) -> None:
    if path == "/api/studio/events":  # no end: who follows is told of his own jobs only
        return
    before = people.partner.ok("GET", f"/api/studio/titles/{theirs.title}")
    answer = ask(people.other, method, path, theirs)
    assert SECRET not in answer.text
    assert theirs.job not in answer.text or "{job_id}" in path
    if "{" in path:
        assert answer.status_code in (403, 404), f"{answer.status_code} {answer.text}"
    acting = ask(people.other, method, path, theirs, **{"X-Catalogue": before["partner_id"]})
    assert acting.status_code == 404, f"{acting.status_code} {acting.text}"
    assert SECRET not in acting.text
    assert people.partner.ok("GET", f"/api/studio/titles/{theirs.title}") == before


def test_live_updates_tell_of_ones_own_jobs_only(
    people: People, theirs: Theirs, small_film: Path
) -> None:
    body = {"name": "Mine"}
    mine = people.other.ok("POST", "/api/studio/titles", json=body)["id"]
    Theirs.send(people.other, small_film.read_bytes(), mine, "mine.mp4")
    with people.other.http.stream("GET", "/api/studio/events?since=0") as answer:
        heard = next(line for line in answer.iter_lines() if line.startswith("data:"))
    assert mine in heard
    assert theirs.title not in heard


def test_a_catalogue_is_opened_and_closed_by_an_operator(people: People, theirs: Theirs) -> None:
    mine = people.partner.ok("GET", "/api/studio/catalogues")
    assert [one["name"] for one in mine] == ["partner"]
    catalogue = mine[0]["id"]
    me = people.other.ok("GET", "/api/studio/catalogues")[0]["id"]
    place = f"/api/console/catalogues/{catalogue}/accounts/{me}"
    for nobody in (people.other, people.partner):
        assert nobody.http.put(place).status_code == 403
    people.operator.ok("PUT", place)
    there = {one["id"] for one in people.other.ok("GET", "/api/studio/catalogues")}
    assert there == {me, catalogue}
    acting = {"X-Catalogue": catalogue}
    title = f"/api/studio/titles/{theirs.title}"
    people.other.ok("PUT", title, json={"year": 1931}, headers=acting)
    assert people.partner.ok("GET", title)["year"] == 1931
    jobs = people.other.ok("GET", "/api/studio/jobs", headers=acting)["jobs"]
    assert [job["id"] for job in jobs] == [theirs.job]
    assert people.other.http.get(title).status_code == 404, "only where the catalogue is named"
    added = people.other.ok("POST", "/api/studio/titles", json={"name": "B"}, headers=acting)
    assert added["partner_id"] == catalogue
    assert people.other.http.get("/api/console/accounts", headers=acting).status_code == 403
    people.operator.ok("DELETE", place)
    assert people.other.http.get(title, headers=acting).status_code == 404


def test_operators_see_all_and_may_act_in_every_catalogue(people: People, theirs: Theirs) -> None:
    assert theirs.title in str(people.operator.ok("GET", "/api/studio/titles"))
    catalogue = people.partner.ok("GET", "/api/studio/catalogues")[0]["id"]
    all_of_them = people.operator.ok("GET", "/api/studio/catalogues")
    assert catalogue in [one["id"] for one in all_of_them]
    jobs = people.operator.ok("GET", "/api/studio/jobs", headers={"X-Catalogue": catalogue})
    assert theirs.job in [job["id"] for job in jobs["jobs"]]
    nowhere = people.operator.http.get("/api/studio/jobs", headers={"X-Catalogue": "acc_none"})
    assert nowhere.status_code == 404
