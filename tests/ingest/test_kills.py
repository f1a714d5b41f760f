"""The server is killed while a master arrives. (I1)"""

import asyncio
import hashlib
import http.client
import os
import random
import socket
import time
from pathlib import Path

import pytest

from tests.forked import ALARM_S, Forked
from tests.ingest.server import PARTNER, ingest_of, run_server
from tests.ingest.test_tus import BODY, METADATA, TUS
from tests.ports import free_ports
from vitascope.engines.blobs import S3Settings
from vitascope.engines.blobs.s3 import S3Blobs
from vitascope.engines.bus.outbox import MIGRATIONS as OUTBOX
from vitascope.engines.rows.sqlite import SqliteRows
from vitascope.kernel.clock import SystemClock

pytestmark = pytest.mark.long

MIGRATIONS = ["vitascope.ingest.migrations", OUTBOX]
SIZE = 60 * 10**6
KILLS = 12
PART = SIZE // (10 * KILLS)  # all that a kill may cost is the part that is under way


class Server:
    """A process that takes uploads, to be killed and started again on the same folder."""

    def __init__(self, data: Path, *, early: bool = False, s3: S3Settings | None = None) -> None:
        self.log = data / "server.log"
        self.port = free_ports(1)
        self._given = (data, self.port, early, s3)
        self.start()

    def start(self) -> None:
        self.process = Forked(run_server, *self._given, log=self.log)
        deadline = time.monotonic() + ALARM_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=ALARM_S).close()
                return
            except OSError:
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.05)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def ask(
        self, verb: str, path: str, headers: dict[str, str], body: bytes = b""
    ) -> dict[str, str]:
        """The answer's headers, lower case. Raises `OSError` when the server dies."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ALARM_S)
        try:
            connection.request(verb, path, body or None, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status == 423:  # the claim of the one that was killed lapses
                time.sleep(float(answer.headers.get("retry-after", 0.2)))
                return self.ask(verb, path, headers, body)
            assert answer.status < 300, answer.status
            return {name.lower(): value for name, value in answer.getheaders()}
        except http.client.HTTPException as gone:
            raise ConnectionError(str(gone)) from gone
        finally:
            connection.close()


class Sender:
    """Sends a film in parts, counting every byte that went into the socket."""

    def __init__(self, server: Server, film: bytes) -> None:
        self.server = server
        self.film = film
        self.sent = 0
        headers = TUS | METADATA | {"Upload-Length": str(len(film))}
        self.place = server.ask("POST", "/api/uploads", headers)["location"]

    def offset(self) -> int:
        return int(self.server.ask("HEAD", self.place, TUS)["upload-offset"])

    def send_part(self, offset: int) -> int:
        part = self.film[offset : offset + PART]
        self.sent += len(part)
        headers = BODY | {"Upload-Offset": str(offset)}
        return int(self.server.ask("PATCH", self.place, headers, part)["upload-offset"])

    def send_through(self, kills: int) -> None:
        """All of the film; the server dies in the middle of so many parts, never of the first."""
        deaths = sorted(random.sample(range(1, len(self.film) // PART), kills))
        at = 0
        while at < len(self.film):
            if deaths and at >= deaths[0] * PART:
                deaths.pop(0)
                self.send_half_a_part(at)
                self.server.start()
                found = self.offset()
                assert found >= at, "an acknowledged byte was lost"
                at = found
            else:
                at = self.send_part(at)
        assert deaths == []

    def send_half_a_part(self, offset: int) -> None:
        """The server dies in the middle of a request."""
        part = self.film[offset : offset + PART]
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=ALARM_S)
        connection.putrequest("PATCH", self.place)
        headers = BODY | {"Upload-Offset": str(offset), "Content-Length": str(len(part))}
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        half = part[: random.randint(1, len(part))]
        self.sent += len(half)
        connection.send(half)
        time.sleep(random.random() * 0.05)
        self.server.kill()
        connection.close()


def test_an_upload_killed_twelve_times_arrives_equal_and_sends_at_most_a_tenth_more(
    data: Path,
) -> None:
    film = os.urandom(SIZE)
    server = Server(data)
    try:
        sender = Sender(server, film)
        sender.send_through(KILLS)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=ALARM_S)
        connection.request("GET", "/api/studio/uploads")
        told = connection.getresponse().read().decode()
        connection.close()
    finally:
        server.kill()
    assert hashlib.sha256(film).hexdigest() in told
    (master,) = [file for file in (data / "blobs").rglob("*") if file.is_file()]
    assert master.read_bytes() == film
    print(f"sent {sender.sent / SIZE:.3f} x the bytes over {KILLS} kills")  # noqa: T201
    assert sender.sent <= 1.10 * SIZE


async def test_an_upload_into_an_object_store_survives_five_kills(
    data: Path, s3: S3Settings
) -> None:
    film = os.urandom(SIZE)
    server = Server(data, s3=s3)
    try:
        sender = Sender(server, film)
        await asyncio.to_thread(sender.send_through, 5)
    finally:
        server.kill()
    assert not list((data / "uploads").glob("*"))
    rows = await SqliteRows.open("ingest", folder=data, migrations=MIGRATIONS)
    blobs = S3Blobs(s3)
    await ingest_of(rows, data, SystemClock(), blobs=blobs).settle()
    (upload,) = await ingest_of(rows, data, SystemClock(), blobs=blobs).uploads(PARTNER)
    assert upload.sha256 == hashlib.sha256(film).hexdigest()
    (master,) = await blobs.list("")
    assert await blobs.get(master.key) == film
    assert await blobs.under_way("") == []
    await blobs.close()
    await rows.close()
    print(f"sent {sender.sent / SIZE:.3f} x the bytes over 5 kills, into S3")  # noqa: T201
    assert sender.sent <= 1.10 * SIZE


def test_what_is_joined_from_pieces_survives_kills(data: Path) -> None:
    film = os.urandom(SIZE)
    third = SIZE // 3 + 1
    server = Server(data)
    try:
        places = []
        for begin in range(0, SIZE, third):
            piece = film[begin : begin + third]
            headers = BODY | {"Upload-Concat": "partial", "Upload-Length": str(len(piece))}
            places.append(server.ask("POST", "/api/uploads", headers, piece)["location"])
        final = TUS | METADATA | {"Upload-Concat": f"final;{' '.join(places)}"}
        place = server.ask("POST", "/api/uploads", final)["location"]
        killed = 0
        while "upload-offset" not in server.ask("HEAD", place, TUS):
            if killed < 5:
                time.sleep(random.random() * 0.05)
                server.kill()
                server.start()
                killed += 1
            time.sleep(0.02)
        left = server.ask("HEAD", place, TUS)
        server.kill()
        server.start()  # what a kill left of the pieces goes with the next start
    finally:
        server.kill()
    assert killed > 0
    assert left["upload-offset"] == str(SIZE)
    (master,) = [file for file in (data / "blobs").rglob("*") if file.is_file()]
    assert master.read_bytes() == film
    assert not list((data / "uploads").glob("*"))


def test_an_upload_that_is_acknowledged_too_early_is_seen(data: Path) -> None:
    """The planted fault: a server that keeps in memory where an upload stands."""
    server = Server(data, early=True)
    try:
        with pytest.raises(AssertionError, match="an acknowledged byte was lost"):
            Sender(server, os.urandom(4 * PART)).send_through(kills=1)
    finally:
        server.kill()
