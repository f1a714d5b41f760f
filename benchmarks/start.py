"""Start to ready: `./vita up` on an empty data folder until a real film can be played.

    python -m benchmarks.start [--build] [--no-demo]

The virtual environment is there and the package cache is warm; with --build the web app is built
in the same run. The reference is what the machine takes at the least: one Python that imports the
two largest frameworks, and one plain ffmpeg run that encodes the demo's film to the one rung that
is played first. Processor seconds are of all processes up to `ready`; on a busy machine they tell
more than the wall clock. Target: ready within 60 s on two idle cores.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import imageio_ffmpeg

from tests.ports import free_ports
from vitascope.kernel.ids import AccountId
from vitascope.operations.demo.films import films

ROOT = Path(__file__).resolve().parents[1]
FILM = ROOT / "demo/media/big-buck-bunny.mp4"
TARGET_S = 60.0
LONGEST_S = 300.0
TICKS = os.sysconf("SC_CLK_TCK")


class NotReady(Exception):
    """The service ended, or took too long; the message holds what it said."""


class Running:
    """A service that `up` started: its address, and what it said: when, and what had been spent by
    then (wall and processor seconds since its start)."""

    def __init__(self, process: subprocess.Popen[str], url: str, data: Path) -> None:
        self.process, self.url, self.data = process, url, data
        self.said: list[tuple[float, float, str]] = []
        self.ready_s = 0.0
        self.cpu_s = 0.0  # of all processes, at `ready`


@contextmanager
def running(data: Path, *options: str, **environment: str) -> Iterator[Running]:
    """`./vita up` on `data` until it is ready; stopped with SIGTERM. Raises `NotReady`."""
    port = free_ports(4) + 1  # the inner listener has the first
    command = ["sh", str(ROOT / "vita"), "up", "--data", str(data), "--port", str(port), *options]
    began = time.monotonic()
    # Outside bubblewrap, which keeps the processor time of what it ran to itself.
    extra = {
        "VITASCOPE_SERVICE__SANDBOX": "limits",
        "VITASCOPE_SERVICE__DEMO_FILMS": "one",
        "PYTHONPATH": str(ROOT),
        **environment,
    }
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **extra},
    )
    service = Running(process, f"http://localhost:{port}", data)
    ready = threading.Event()

    def listen(stream: Iterator[str]) -> None:
        for line in stream:
            spent = time.monotonic() - began, tree_cpu_s(process.pid)
            service.said.append((*spent, line.rstrip()))
            if line.startswith("ready "):
                service.ready_s, service.cpu_s = spent
                ready.set()

    assert process.stdout and process.stderr
    ears = [threading.Thread(target=listen, args=(s,)) for s in (process.stdout, process.stderr)]
    for ear in ears:
        ear.start()
    try:
        while not ready.wait(0.2):
            if process.poll() is not None or time.monotonic() - began > LONGEST_S:
                raise NotReady("\n".join(line for *_, line in service.said[-20:]))
        yield service
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
        process.wait()
        for ear in ears:
            ear.join(5)


def tree_cpu_s(root: int) -> float:
    """Processor seconds of a process and all below it: those alive, and those they waited for."""
    spent: dict[int, tuple[int, float]] = {}  # parent, seconds
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        spent[int(folder.name)] = (int(after_name[1]), sum(map(int, after_name[11:15])) / TICKS)
    inside = {root}
    for pid in sorted(spent):  # a child is younger, and mostly has the larger number
        if spent[pid][0] in inside:
            inside.add(pid)
    return sum(spent[pid][1] for pid in inside if pid in spent)


def measured(command: list[str]) -> tuple[float, float]:
    """Wall and processor seconds of a command that ends well."""
    before, began = os.times(), time.monotonic()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    wall, after = time.monotonic() - began, os.times()
    spent = after.children_user + after.children_system
    return wall, spent - before.children_user - before.children_system


def plain_import() -> tuple[float, float]:
    return measured([sys.executable, "-c", "import litestar, sqlalchemy"])


def plain_encode(folder: Path) -> tuple[float, float]:
    """The film to one rung of 480 lines with sound, as the first playable version has it."""
    command = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(FILM)),
        *("-vf", "scale=-2:480", "-c:v", "libx264", "-preset", "veryfast", "-crf", "25"),
        *("-threads", "2", "-c:a", "aac", "-b:a", "128k", str(folder / "plain.mp4")),
    ]
    return measured(command)


def first_job(url: str) -> list[tuple[str, float]]:
    """The steps of the demo's first job that have ended, and how long each took."""
    with httpx.Client(base_url=url.replace("localhost", "127.0.0.1"), timeout=30) as ask:
        device = {"name": "Benchmark", "kind": "probe"}
        who = {"email": "partner@vitascope.example", "password": "partner-demo", "device": device}
        tokens = ask.post("/api/sign-in", json=who).raise_for_status().json()["tokens"]
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        jobs = ask.get("/api/studio/jobs", headers=bearer).raise_for_status().json()["jobs"]
    steps = jobs[-1]["steps"] if jobs else []
    ended = [s for s in steps if s["started_at_ms"] and s["ended_at_ms"]]
    return [(s["name"], (s["ended_at_ms"] - s["started_at_ms"]) / 1000) for s in ended]


def first_film() -> str:
    """The content that the demo can play first."""
    known = films(ROOT / "demo", AccountId("acc_demo"))
    return next(master.content_id for film in known for master in film.masters if master.file)


def load() -> str:
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def main(build: bool, options: list[str]) -> None:
    print(f"{load()} at the start")
    if build:
        shutil.rmtree(ROOT / "web/dist", ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="vitascope-bench-") as name:
        folder = Path(name)
        imported, imported_cpu = plain_import()
        encoded, encoded_cpu = plain_encode(folder)
        with running(folder / "data", *options) as service:
            for at, cpu, line in service.said:
                if at <= service.ready_s and line.endswith(("done", " 0%", " ...")):
                    print(f"  {at:6.1f} s  {cpu:6.1f} CPU-s  {line}")
            if "--no-demo" not in options:
                for step, seconds in first_job(service.url):
                    print(f"     {seconds:6.1f} s in {json.dumps(step)}")
        least, least_cpu = imported + encoded, imported_cpu + encoded_cpu
        print(f"plain import of the frameworks   {imported:6.1f} s  {imported_cpu:6.1f} CPU-s")
        print(f"plain encode of the first rung   {encoded:6.1f} s  {encoded_cpu:6.1f} CPU-s")
        print(
            f"start to ready                   {service.ready_s:6.1f} s  {service.cpu_s:6.1f} CPU-s"
            f"   {service.ready_s / least:4.1f} x the two, {service.cpu_s / least_cpu:4.1f} x their"
            f" CPU   target {TARGET_S:.0f} s idle"
        )
    print(f"{load()} at the end")


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--build", action="store_true", help="build the web app in this run")
    asked.add_argument("--no-demo", action="store_true", help="until an empty service is ready")
    given = asked.parse_args()
    main(given.build, ["--no-demo"] if given.no_demo else [])
