"""P13: from another device of the network, by the address in the terminal.

The device is a Chromium in a network of its own, with one cable to this machine. It trusts the
service as a person has it trust: by importing the authority's certificate, whose fingerprint is the
one in the terminal. No certificate is ignored.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import imageio_ffmpeg
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.journeys.conftest import ALARM_S, CHROMIUM, Service, started, until, visit
from tests.journeys.people import (
    Person,
    new_viewer,
    no_trouble,
    open_account,
    position_of,
    sign_in,
    until_playing,
)
from tests.journeys.test_failover import edge_pid, until_position
from tests.journeys.test_versions import SMALL
from tests.needed import missing
from tests.ports import free_ports
from vitascope.engines import qr
from vitascope.engines.tls import AUTHORITY

pytestmark = [pytest.mark.browser, pytest.mark.long]

ADDRESS = re.compile(r"^  (http://([0-9.]+):(\d+)/trust)$", re.MULTILINE)
PRINT = re.compile(r"(?:[0-9A-F]{2}:){15}[0-9A-F]{2}")


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=ALARM_S)


@pytest.fixture(scope="module")
def network() -> Iterator[str]:
    """The name of a network namespace from which this machine is one hop away."""
    for program in ("ip", "certutil"):
        if shutil.which(program) is None:
            missing(f"{program} is missing: ./vita test installs it on Debian, as root.")
    if os.geteuid() != 0:
        missing("Only root can make a network namespace.")
    name, here, there = (f"{kind}{os.getpid()}" for kind in ("vita", "vh", "vt"))
    subnet = f"10.197.{os.getpid() % 250}"
    run("ip", "netns", "add", name)
    try:
        run("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", name)
        run("ip", "address", "add", f"{subnet}.1/24", "dev", here)
        run("ip", "link", "set", here, "up")
        inside = ("ip", "-n", name)
        run(*inside, "address", "add", f"{subnet}.2/24", "dev", there)
        run(*inside, "link", "set", there, "up")
        run(*inside, "link", "set", "lo", "up")
        run(*inside, "route", "add", "default", "via", f"{subnet}.1")
        yield name
    finally:
        run("ip", "netns", "delete", name)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, network: str) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("lan") / "data"
    settings = SMALL | {
        "VITASCOPE_ENCODING__FORMATS": "h264",
        "VITASCOPE_TLS__PORT": str(free_ports(3)),
    }
    with started(folder, "--no-demo", "--lan", **settings) as running:
        yield running


class Told:
    """What the terminal says to whoever started the service."""

    def __init__(self, service: Service) -> None:
        self.text = service.log.read_text()
        found = ADDRESS.search(self.text)
        assert found, self.text
        self.address, self.host, self.port = found.groups()
        self.plain = f"http://{self.host}:{self.port}"
        self.fingerprint = ":".join(PRINT.findall(self.text)[:2])


@pytest.fixture(scope="module")
def told(service: Service) -> Told:
    until(lambda: "Ctrl-C" in service.log.read_text(), "nothing was told")
    return Told(service)


@pytest.fixture(scope="module")
def films(
    service: Service, small_film: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, str]:
    """One of half a minute that is protected, and a short one that is not."""
    partner = open_account(service, "partner")
    long = tmp_path_factory.mktemp("long") / "long.mp4"
    looped = ["-stream_loop", "4", "-i", str(small_film), "-c", "copy", str(long)]
    run(imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *looped)
    protected = ingested(service, partner, long, "Protected")
    free = ingested(service, partner, small_film, "Free")
    who = ("--email", partner.email, "--password", partner.password)
    done = service.run("republish", free, "--scheme", "none", "--wait", *who)
    assert done.returncode == 0, done.stdout + done.stderr
    return protected, free


def ingested(service: Service, partner: Person, file: Path, name: str) -> str:
    who = ("--email", partner.email, "--password", partner.password)
    done = service.run("ingest", str(file), "--title", name, "--wait", "--json", *who)
    assert done.returncode == 0, done.stdout + done.stderr
    title_id: str = json.loads(done.stdout)["title_id"]
    return title_id


@contextmanager
def device(network: str, home: Path) -> Iterator[Browser]:
    """A browser in that network, with the certificates in `home`."""
    chromium = shutil.which("chromium")
    assert chromium
    program = home / "chromium"
    program.write_text(f'#!/bin/sh\nexec ip netns exec {network} {chromium} "$@"\n')
    program.chmod(0o755)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=CHROMIUM, env={**os.environ, "HOME": str(home)}
        )
        yield browser
        browser.close()


def trust(home: Path, authority: bytes) -> None:
    """Import an authority, as a browser's settings do."""
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    file = home / "vitascope.crt"
    file.write_bytes(authority)
    run("certutil", "-N", "-d", f"sql:{store}", "--empty-password")
    added = ("certutil", "-A", "-d", f"sql:{store}", "-n", "Vitascope", "-t", "C,,")
    run(*added, "-i", str(file))


class Watched:
    """What a page asked for, and what its browser said about it."""

    def __init__(self, page: Page) -> None:
        self.requests: list[Request] = []
        self.blocked: list[str] = []
        page.on("request", lambda request: self.requests.append(request))
        page.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        if re.search(r"Mixed Content|CORS|Content Security Policy", message.text):
            self.blocked.append(message.text)

    def films(self) -> list[Request]:
        return [request for request in self.requests if "/s/" in request.url]


def test_by_the_address_in_the_terminal_a_device_comes_to_trust_the_service(
    network: str, service: Service, told: Told, tmp_path: Path
) -> None:
    code = [line for line in told.text.splitlines() if "█" in line]
    assert [line.strip() for line in code] == [
        line.strip() for line in qr.in_characters(told.address).splitlines() if "█" in line
    ]
    with device(network, tmp_path) as browser, visit(browser) as context:
        page = context.new_page()
        page.goto(told.address)
        expect(page.get_by_label("SHA-256 fingerprint")).to_have_text(told.fingerprint)
        with page.expect_download() as got:
            page.get_by_role("link", name="Get the certificate").click()
        authority = got.value.path().read_bytes()
        kind = page.evaluate(
            "fetch('/api/trust/authority.crt').then(one => one.headers.get('content-type'))"
        )
        secure = page.get_by_role("link", name="Open the secure address")
        address = secure.get_attribute("href") or ""
        assert address.startswith(f"https://{told.host}:")
        with pytest.raises(PlaywrightError, match="ERR_CERT_AUTHORITY_INVALID"):
            page.goto(address)
    assert kind == "application/x-x509-ca-cert"
    digest = hashlib.sha256(authority).hexdigest().upper()
    assert told.fingerprint.replace(":", "") == digest
    trust(tmp_path, authority)
    with device(network, tmp_path) as browser, visit(browser) as context:
        page = context.new_page()
        page.goto(address)
        assert page.evaluate("isSecureContext")


@pytest.fixture
def home(tmp_path: Path, service: Service) -> Path:
    """A device's folder, in which the authority is trusted."""
    trust(tmp_path, (service.data / "secrets" / AUTHORITY).read_bytes())
    return tmp_path


def secure_url(service: Service, told: Told) -> str:
    port = httpx.get(f"{service.url}/api/trust").json()["secure_port"]
    return f"https://{told.host}:{port}"


def at(service: Service, url: str) -> Service:
    return Service(
        url=url, data=service.data, pid=service.pid, output=service.output, log=service.log
    )


def signed_in(page: Page, service: Service, url: str, person: Person) -> None:
    sign_in(page, at(service, url), person)
    expect(page.locator("header.bar")).to_be_visible()


def test_a_protected_film_plays_over_tls_and_goes_on_when_its_edge_dies(
    network: str, service: Service, told: Told, films: tuple[str, str], home: Path
) -> None:
    url, (protected, _) = secure_url(service, told), films
    with device(network, home) as browser, visit(browser) as context:
        page = context.new_page()
        watched = Watched(page)
        signed_in(page, service, url, new_viewer(service))
        page.goto(f"{url}/watch/{protected}")
        until_playing(page, 1)
        edge = page.evaluate("window.__vita.stats().edge")
        place = int(edge.rpartition(":")[2]) - int(url.rpartition(":")[2])
        name = {1: "edge-a", 2: "edge-b"}[place]
        pid = edge_pid(service, name)
        assert pid
        os.kill(pid, signal.SIGKILL)
        until_position(page, position_of(page) + 12)
        no_trouble(page)
        hosts = {httpx.URL(one.url).netloc for one in watched.films()}
        assert len(hosts) == 2, "it was not served by another edge"
        assert {one.url.partition(":")[0] for one in watched.requests} <= {"https", "blob", "data"}
        assert watched.blocked == []
        assert not [one for one in watched.films() if "cookie" in one.all_headers()]
        [cookie] = context.cookies()
        assert cookie["name"] == "__Host-vita_refresh"
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Strict")


def test_a_device_is_signed_in_by_the_code_that_another_one_shows(
    network: str, service: Service, told: Told, films: tuple[str, str], home: Path
) -> None:
    url = secure_url(service, told)
    with device(network, home) as browser, visit(browser) as context, visit(browser) as other:
        page = context.new_page()
        signed_in(page, service, url, new_viewer(service))
        page.goto(f"{url}/account")
        page.get_by_role("button", name="Sign in another device").click()
        address = page.locator(".other-device-page").inner_text()
        code = page.locator(".other-device-code").inner_text()
        scanned = f"{address}#{code.replace('-', '')}"
        drawn = page.locator(".other-device-squares path").get_attribute("d") or ""
        wanted = [
            f"M{x} {y}h1v1h-1z"
            for y, row in enumerate(qr.squares(scanned))
            for x, square in enumerate(row)
            if square == "1"
        ]
        assert drawn == "".join(wanted)
        phone = other.new_page()
        phone.goto(scanned)
        phone.get_by_role("button", name="Sign in on this device").click()
        expect(phone.locator("header.bar")).to_be_visible()
        phone.goto(f"{url}/watch/{films[0]}")
        until_playing(phone, 1)
        expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("Signed in: ")
        phone.goto(scanned)
        phone.get_by_role("button", name="Sign in on this device").click()
        expect(phone.get_by_role("alert")).to_contain_text("wrong, was used, or has expired")
        assert code.replace("-", "") not in phone.url
        expect(phone.get_by_label("Code")).to_be_focused()  # another one may be typed


def test_over_plain_http_films_without_protection_play_and_others_say_where(
    network: str, service: Service, told: Told, films: tuple[str, str], home: Path
) -> None:
    secure, (protected, free) = secure_url(service, told), films
    person = new_viewer(service)
    with device(network, home) as browser, visit(browser) as context:
        page = context.new_page()
        watched = Watched(page)
        signed_in(page, service, secure, person)
        signed_in(page, service, told.plain, person)
        assert {one["name"]: one["secure"] for one in context.cookies()} == {
            "__Host-vita_refresh": True,
            "vita_refresh": False,
        }
        page.goto(f"{told.plain}/watch/{free}")
        page.wait_for_function("() => document.querySelector('video')?.currentTime > 0.5")
        no_trouble(page)
        assert {one.url.partition(":")[0] for one in watched.films()} == {"http"}
        page.goto(f"{told.plain}/watch/{protected}")
        expect(page.locator(".watch-trouble")).to_have_attribute("data-code", "not-secure")
        link = page.get_by_role("link", name=f"Open {secure}")
        expect(link).to_have_attribute("href", f"{secure}/watch/{protected}")
        link.click()
        until_playing(page, 0.5)
        assert watched.blocked == []
