"""G1, section 5: Schemathesis over every route of a whole service, as each kind of account."""

import subprocess
import sys

import pytest

from tests.gateway.schema_check import Asker, ask_every_route
from tests.journeys.conftest import ALARM_S, ROOT, Service
from tests.journeys.people import Caller, Person, new_viewer

pytestmark = pytest.mark.long

# Streams have no end, and whoever signs out can ask nothing more.
LEAVE = ["/api/studio/events", "/api/sign-out"]


def opened(service: Service, role: str) -> Person:
    """An account such as whoever runs the service makes one."""
    person = Person(f"{role}@every.example", "a key to every room")
    command = [sys.executable, "-m", "vitascope", "account", person.email, "--role", role]
    place = ["--password", person.password, "--data", str(service.data)]
    port = ["--port", service.url.rpartition(":")[2]]
    done = subprocess.run(
        [*command, *place, *port],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=ALARM_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return person


@pytest.mark.timeout(1800)
def test_no_route_of_the_service_answers_what_it_did_not_say(empty: Service) -> None:
    """No 500, no status that the document does not name, no body of another shape."""
    with (
        Caller(empty.url, opened(empty, "partner")) as partner,
        Caller(empty.url, new_viewer(empty), "Newcomer") as viewer,
        Caller(empty.url, opened(empty, "operator")) as operator,
    ):
        draft = {"name": "Every Route", "announced": True, "maturity": 0}
        title = partner.ok("POST", "/api/studio/titles", json=draft)["id"]
        asked = ask_every_route(
            empty.url,
            [
                Asker(authorization(viewer), known={"title_id": title, "content_id": title}),
                Asker(authorization(partner)),
                Asker(authorization(operator), only="/api/console/"),
            ],
            examples=2,
            leave=LEAVE,
        )
    assert [many > least for many, least in zip(asked, (50, 50, 0), strict=True)] == [True] * 3


def authorization(who: Caller) -> dict[str, str]:
    return {"Authorization": f"Bearer {who.token}"}
