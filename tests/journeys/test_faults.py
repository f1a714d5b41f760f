"""What survives a kill, what is refused, and what never leaves the service."""

import base64
import json
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from tests.journeys.conftest import ALARM_S, Service, child_of, until
from tests.journeys.people import OPERATOR, PARTNER, VIEWER, Caller, Person, bunny, new_viewer
from vitascope.identity.access_tokens import AccessTokens
from vitascope.kernel import path_tokens
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.country import Country
from vitascope.kernel.ids import AccountId, DeviceId
from vitascope.kernel.path_tokens import KeyRing
from vitascope.kernel.viewer import Role
from vitascope.licensing import LicencePolicy, tokens

pytestmark = pytest.mark.long

HOUR_MS = 3_600_000


def pid_of_api(service: Service) -> int | None:
    return child_of(service, "run", "api")


def is_answering(service: Service) -> bool:
    try:
        return httpx.get(f"{service.url}/healthz", timeout=ALARM_S).is_success
    except httpx.TransportError:
        return False


class Watcher(threading.Thread):
    """Somebody whose player says one millisecond more every time, as fast as it can."""

    def __init__(self, url: str, person: Person, content_id: str) -> None:
        super().__init__(daemon=True)
        self.caller = Caller(url, person, "Newcomer")
        answer = self.caller.ok("POST", "/api/play", json={"content_id": content_id})
        self.session_id: str = answer["session_id"]
        self.content_id = content_id
        self.acknowledged_ms = 0
        self.surprises: list[str] = []
        self.over = threading.Event()

    def run(self) -> None:
        sequence = 0
        while not self.over.is_set():
            sequence += 1
            beat = {
                "session_id": self.session_id,
                "sequence": sequence,
                "position_ms": self.acknowledged_ms + 1,
                "state": "playing",
            }
            try:
                answer = self.caller.http.post("/api/progress", json=beat)
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if answer.is_success and not answer.json()["degraded"]:
                self.acknowledged_ms += 1
            elif answer.status_code < 500 and not answer.is_success:
                self.surprises.append(answer.text)
            time.sleep(0.01)

    def kept_ms(self) -> int:
        items = self.caller.ok("GET", "/api/history")["items"]
        kept: int = items[0]["position_ms"] if items else 0
        return kept


def test_no_acknowledged_position_is_lost_by_kills(service: Service) -> None:
    """P8 U4: the API is killed three times while three players tell where they are."""
    film = bunny(service)
    watchers = [Watcher(service.url, new_viewer(service), film) for _ in range(3)]
    for watcher in watchers:
        watcher.start()
    for _ in range(3):
        until_acknowledged(watchers)
        acknowledged = [watcher.acknowledged_ms for watcher in watchers]
        kill_the_api(service)
        for watcher, known in zip(watchers, acknowledged, strict=True):
            assert watcher.kept_ms() >= known
    for watcher in watchers:
        watcher.over.set()
    for watcher in watchers:
        watcher.join(ALARM_S)
        assert not watcher.is_alive()
        assert not watcher.surprises
        assert watcher.acknowledged_ms > 0
        assert watcher.kept_ms() >= watcher.acknowledged_ms
        with watcher.caller as caller:
            caller.ok("POST", f"/api/play/{watcher.session_id}/stop")


def until_acknowledged(watchers: list[Watcher]) -> None:
    """One position more of each."""
    before = [watcher.acknowledged_ms for watcher in watchers]
    until(
        lambda: all(w.acknowledged_ms > b for w, b in zip(watchers, before, strict=True)),
        "no position is acknowledged",
    )


def kill_the_api(service: Service) -> None:
    """And wait until it is back."""
    killed = pid_of_api(service)
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    until(lambda: pid_of_api(service) not in (None, killed), "the API is not started again")
    until(lambda: is_answering(service), "the API did not come back")


class Seat(msgspec.Struct):
    """A film that was started, and all that opens it."""

    caller: Caller
    answer: dict[str, Any]
    edge: str  # base URL that carries the path token
    path_token: str
    prefix: str  # <asset_id>/<version>
    file: str
    kids: list[str]

    @property
    def licence_token(self) -> str:
        token: str = self.answer["licence"]["token"]
        return token

    def ask_edge(self, token: str) -> httpx.Response:
        url = httpx.URL(f"{self.edge.replace(self.path_token, token)}/{self.file}")
        # Browsers know that NAME.localhost is this machine; resolvers need not.
        headers = {"Range": "bytes=0-99", "Host": url.netloc.decode()}
        return httpx.get(url.copy_with(host="127.0.0.1"), headers=headers)

    def ask_licence(self, token: str) -> httpx.Response:
        body = {"kids": self.kids, "type": "temporary"}
        url = self.answer["licence"]["clear_key_url"]
        return self.caller.http.post(url, json=body, headers={"X-Licence-Token": token})


def take(caller: Caller, content_id: str) -> Seat:
    answer = caller.ok("POST", "/api/play", json={"content_id": content_id})
    manifest = caller.http.get(answer["manifests"]["dash"])
    assert manifest.is_success, manifest.text
    kids = re.findall(r'default_KID="([0-9a-fA-F-]+)"', manifest.text)
    edge = answer["edges"][0]["base_url"].rstrip("/")
    token = edge.split("/s/")[1].split("/")[0]
    return Seat(
        caller=caller,
        answer=answer,
        edge=edge,
        path_token=token,
        prefix=f"{answer['asset_id']}/{answer['version']}",
        file=next(name for name in re.findall(r"([\w-]+\.mp4)", manifest.text)),
        kids=sorted({base64url(bytes.fromhex(kid.replace("-", ""))) for kid in kids}),
    )


def base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def seat(service: Service) -> Iterator[Seat]:
    with Caller(service.url, new_viewer(service), "Newcomer") as caller:
        seat = take(caller, bunny(service))
        yield seat
        caller.ok("POST", f"/api/play/{seat.answer['session_id']}/stop")


def altered(token: str) -> str:
    """One letter in the middle is another."""
    at = len(token) - 20
    return token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]


def test_an_edge_opens_for_its_own_token_only(service: Service, seat: Seat) -> None:
    """C1: expired, altered and foreign path tokens are refused; the right one opens."""
    secret = (service.data / "secrets" / "path-1").read_bytes()
    ring = KeyRing(current="1", keys={"1": secret})
    foreign = KeyRing(current="1", keys={"1": b"another service's key".ljust(32)})
    now = SystemClock().now_ms()
    purpose = path_tokens.EDGE
    assert seat.ask_edge(seat.path_token).status_code == 206
    assert seat.ask_edge(path_tokens.sign(ring, purpose, seat.prefix, now + HOUR_MS)).is_success
    refused = {
        "expired": path_tokens.sign(ring, purpose, seat.prefix, now - 2000),
        "altered": altered(seat.path_token),
        "foreign": path_tokens.sign(foreign, purpose, seat.prefix, now + HOUR_MS),
        "of another film": path_tokens.sign(ring, purpose, "ast_other/v1", now + HOUR_MS),
        "of the origin": path_tokens.sign(ring, path_tokens.ORIGIN, seat.prefix, now + HOUR_MS),
        "none": "",
    }
    for what, token in refused.items():
        assert seat.ask_edge(token).status_code in (403, 404, 405), what


def test_a_licence_is_given_for_its_own_token_only(service: Service, seat: Seat) -> None:
    """P4: expired, altered and foreign licence tokens are refused; the right one brings keys."""
    given = seat.ask_licence(seat.licence_token)
    assert given.status_code == 200
    assert given.json()["keys"]
    kid, said, _ = seat.licence_token.split(".")
    key = (service.data / "secrets" / f"licence-token-{kid}").read_bytes()
    policy = msgspec.msgpack.decode(tokens.from_base64url(said), type=LicencePolicy)
    past = msgspec.structs.replace(policy, expires_at_ms=SystemClock().now_ms() - 1000)
    assert seat.ask_licence(tokens.issue(kid, key, policy)).is_success
    refused = {
        "expired": tokens.issue(kid, key, past),
        "altered": altered(seat.licence_token),
        "foreign": tokens.issue(kid, b"another service's key".ljust(32), policy),
        "an access token": seat.caller.token,
        "none": "",
    }
    for what, token in refused.items():
        answer = seat.ask_licence(token)
        assert answer.status_code in (401, 403), what
        assert "keys" not in answer.json(), what


def test_the_api_answers_to_its_own_tokens_only(service: Service, seat: Seat) -> None:
    """U1 G1: expired, altered and foreign access tokens are refused."""
    secret = (service.data / "secrets" / "access-tokens").read_bytes()
    claims = json.loads(base64.urlsafe_b64decode(seat.caller.token.split(".")[1] + "=="))

    def written(secret: bytes, lifetime_s: int) -> str:
        account, device = AccountId(claims["sub"]), DeviceId(claims["device"])
        made = AccessTokens(secret, SystemClock(), lifetime_s=lifetime_s, key_days=30)
        return made.write(account, device, Role.VIEWER, Country("FR"), None)

    def asked(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"{service.url}/api/me", headers=headers).status_code

    assert asked(seat.caller.token) == 200
    assert asked(written(secret, 600)) == 200
    assert asked(written(secret, -5)) == 401
    assert asked(altered(seat.caller.token)) == 401
    assert asked(written(b"another service's key".ljust(32), 600)) == 401
    assert asked(seat.licence_token) == 401
    assert httpx.get(f"{service.url}/api/me").status_code == 401


def listings(document: dict[str, Any]) -> list[str]:
    """Everything that can be read without knowing an id."""
    return [
        path
        for path, methods in document["paths"].items()
        if "get" in methods and "{" not in path and not path.endswith("/events")
    ]


def test_no_content_key_is_told_or_written_down(service: Service, seat: Seat) -> None:
    """P4 G11: keys are in the licence and nowhere else: no other answer, no log, no database."""
    given = seat.ask_licence(seat.licence_token).json()["keys"]
    keys = [tokens.from_base64url(key["k"]) for key in given]
    assert keys
    spellings = [
        spelt
        for key in keys
        for spelt in (
            key.hex().encode(),
            key.hex().upper().encode(),
            base64url(key).encode(),
            base64.b64encode(key),
        )
    ]

    def clean(content: bytes, where: str) -> None:
        assert not any(spelt in content for spelt in spellings), f"a content key in {where}"

    document = seat.caller.ok("GET", "/api/openapi.json")
    content_id = seat.answer["content_id"]
    asked = listings(document)
    assert len(asked) > 12
    asked += [f"/api/titles/{content_id}", f"/api/playback/{content_id}"]
    asked += [f"/api/studio/titles/{content_id}", seat.answer["manifests"]["dash"]]
    asked += [seat.answer["manifests"]["hls"]]
    for who, profile in ((VIEWER, "Ada"), (OPERATOR, ""), (PARTNER, "")):
        with Caller(service.url, who, profile) as caller:
            jobs = caller.ok("GET", "/api/studio/jobs")["jobs"] if who is PARTNER else []
            paths = [f"/api/studio/jobs/{job['id']}" for job in jobs]
            for path in [*asked, *paths, *(f"{path}/report" for path in paths)]:
                clean(caller.http.get(path, params={"q": "bunny"}).content, path)
    clean(httpx.get(f"{service.inner_url}/metrics").content, "metrics")
    written = [*service.data.glob("logs/*"), *service.data.glob("rows/*")]
    written += [*service.data.glob("work/**/*.log"), service.log]
    assert len(written) > 8
    for file in written:
        if file.is_file():
            clean(file.read_bytes(), str(file))
