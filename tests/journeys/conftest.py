"""A whole service, started as a user starts it, and a real browser before it.

service      `vitascope up` with its demo, on ports of its own; shared by the session
empty        the same without the demo, for one module
small_film   six seconds with sound, of which little is to be encoded
chromium     the system's Chromium, shared by the module
page         a page in a context of its own: cookies, storage and cache begin empty
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import httpx
import imageio_ffmpeg
import msgspec
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.ports import free_ports
from vitascope.operations.processes import LIFELINE_FD

ROOT = Path(__file__).resolve().parents[2]
# After so long, what is waited for will never come. How fast it comes, no journey asks.
ALARM_S = 240
expect.set_options(timeout=ALARM_S * 1000)
# The machine has few cores, and is shared: what is tried is what happens, not how long it takes.
PATIENT = {
    "VITASCOPE_WIRE__TIMEOUT_S": "60",
    "VITASCOPE_HOMEPAGE__TIMEOUT_S": "60",
    "VITASCOPE_RECOMMEND__VIEWING_TIMEOUT_S": "60",
    "VITASCOPE_PLAYBACK__SOFT_DEADLINE_S": "60",
    "VITASCOPE_PLAYBACK__RECORD_DEADLINE_S": "60",
    "VITASCOPE_PLAYBACK__LEASE_S": "1800",
    "VITASCOPE_IDENTITY__ACCESS_TOKEN_S": "3600",
    "VITASCOPE_STEERING__SILENCE_S": "60",
    "VITASCOPE_EDGE__ORIGIN_TIMEOUT_S": "60",
    "VITASCOPE_PUBLISHING__DEAD_AFTER_S": "30",
}
CHROMIUM = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
# Small pictures and few trials: what is tested is the way, not the encoder.
QUICK = {
    "VITASCOPE_ENCODING__PRESET": "ultrafast",
    "VITASCOPE_ENCODING__HEIGHTS": "240,360",
    "VITASCOPE_SERVICE__DEMO_FILMS": "one",
    "VITASCOPE_GATEWAY__ADDRESS_PER_SECOND": "1000",
    "VITASCOPE_GATEWAY__ACCOUNT_PER_SECOND": "1000",
    **PATIENT,
}


class Service(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    data: Path
    pid: int
    output: list[str]  # lines of stdout
    log: Path  # stderr

    @property
    def inner_url(self) -> str:
        """Where processes and monitoring ask."""
        url = httpx.URL(self.url)
        return str(url.copy_with(host="127.0.0.1", port=(url.port or 0) - 1)).rstrip("/")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of the command line against this service."""
        command = [sys.executable, "-m", "vitascope", *arguments, "--server", self.url]
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=2 * ALARM_S, check=False
        )


@contextmanager
def started(data: Path, *options: str, **environment: str) -> Iterator[Service]:
    """`vitascope up` until it says ready; stopped with SIGTERM at the end, as an operator would."""
    port = free_ports(4) + 1  # the inner listener has the first
    log = data.parent / f"{data.name}.up.log"
    command = [sys.executable, "-m", "vitascope", "up", "--data", str(data), "--port", str(port)]
    ends_with_us, lifeline = os.pipe()  # a test run that is killed leaves no service behind
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, **QUICK, LIFELINE_FD: str(ends_with_us), **environment},
            pass_fds=(ends_with_us,),
        )
    os.close(ends_with_us)
    assert process.stdout is not None
    lines: list[str] = []
    reader = threading.Thread(target=_read, args=(process.stdout, lines), daemon=True)
    reader.start()
    try:
        _until_ready(process, lines, log, data)
        yield Service(
            url=lines[0].removeprefix("ready "), data=data, pid=process.pid, output=lines, log=log
        )
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(ALARM_S)
        finally:
            process.kill()
            process.wait()
            reader.join(5)
            process.stdout.close()
            os.close(lifeline)


def _read(stream: TextIO, lines: list[str]) -> None:
    lines.extend(line.rstrip("\n") for line in iter(stream.readline, ""))


def _until_ready(process: subprocess.Popen[str], lines: list[str], log: Path, data: Path) -> None:
    deadline = time.monotonic() + 2 * ALARM_S
    while not lines:
        if process.poll() is not None or time.monotonic() > deadline:
            logs = "\n".join(
                f"--- {file.name}\n{file.read_text(errors='replace')[-3000:]}"
                for file in [log, *sorted((data / "logs").glob("*.log"))]
            )
            pytest.fail(f"the service did not become ready\n{logs}", pytrace=False)
        time.sleep(0.1)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with started(tmp_path_factory.mktemp("service") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with started(tmp_path_factory.mktemp("empty") / "data", "--no-demo") as running:
        yield running


@pytest.fixture(scope="session")
def small_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    film = tmp_path_factory.mktemp("small") / "film.mp4"
    whole = ROOT / "tests" / "media" / "bbb_480p24_6s.mp4"
    smaller = ["-vf", "scale=214:120", "-preset", "ultrafast", "-c:a", "copy", str(film)]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(whole), *smaller]
    subprocess.run(command, check=True)
    return film


# Of the module, not of the session: while it is open this thread has a running loop, in which no
# asynchronous test of another module could run.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.fail("Chromium is missing: ./vita test installs it on Debian", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with visit(chromium) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@contextmanager
def visit(chromium: Browser, **seen: Any) -> Iterator[BrowserContext]:
    """Somebody before a screen of their own. Their browser refuses nothing that the pages do."""
    refused: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text:
            refused.append(said.text)

    screen: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB"}
    with chromium.new_context(**(screen | seen)) as context:
        context.set_default_timeout(ALARM_S * 1000)
        context.on("console", hear)
        yield context
    assert not refused


def until(true: Callable[[], bool], complaint: str) -> None:
    """Wait for what no event tells of."""
    deadline = time.monotonic() + ALARM_S
    while not true():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.05)


def child_of(service: Service, *words: str) -> int | None:
    """The living process that the service started with these words in its command."""
    wanted = "\0".join(words) + "\0"
    for pid in children_of(service.pid):
        try:
            if wanted in Path(f"/proc/{pid}/cmdline").read_text():
                return pid
        except OSError:  # it has just ended
            continue
    return None


def children_of(pid: int) -> list[int]:
    """The living processes that `pid` started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found
