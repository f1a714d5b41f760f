"""I7: subtitle files given apart from a master."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.asgi import asgi
from tests.conftest import OpenRows
from tests.ingest.server import OTHER, PARTNER, TITLE, app_of, ingest_of
from tests.ingest.test_upload import arriving, draft
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.rows import Connection, Rows
from vitascope.ingest import MasterReceived
from vitascope.ingest.upload import RowsIngest
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.events import Event

SRT = "1\n00:00:01,000 --> 00:00:02,000\nBonjour, Æsir !\n"
PLACE = f"/api/studio/titles/{TITLE}/contents/{TITLE}/subtitles"


class Ears:
    """An outbox that keeps what is announced."""

    def __init__(self) -> None:
        self.heard: list[Event] = []

    def put(self, _: Connection, *events: Event) -> None:
        self.heard += events


@pytest.fixture
async def rows(open_sqlite: OpenRows) -> Rows:
    return await open_sqlite("ingest")


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def ingest(rows: Rows, data: Path, clock: HeldClock, ears: Ears) -> RowsIngest:
    return ingest_of(rows, data, clock, outbox=ears)


@pytest.fixture
async def client(ingest: RowsIngest) -> AsyncIterator[httpx.AsyncClient]:
    transport = asgi(app_of(ingest))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def received(ingest: RowsIngest, ears: Ears) -> MasterReceived:
    """The announcement of a master that arrives now."""
    upload = await ingest.create(PARTNER, draft(10))
    await ingest.append(PARTNER, upload.id, 0, arriving(b"0123456789"))
    (*_, event) = ears.heard
    assert isinstance(event, MasterReceived)
    return event


async def test_what_was_given_is_announced_with_the_next_master(
    client: httpx.AsyncClient, ingest: RowsIngest, ears: Ears, data: Path
) -> None:
    assert (await received(ingest, ears)).subtitles == ()
    for language, text in (("fr", SRT), ("en", "wrong one\n" + SRT), ("en", SRT)):
        answer = await client.put(
            f"{PLACE}/{language}",
            params={"file_name": f"film.{language}.srt"},
            content=text.encode("utf-16" if language == "fr" else "utf-8"),
        )
        assert answer.status_code == 200, answer.text
    assert [one["language"] for one in (await client.get(PLACE)).json()] == ["en", "fr"]
    event = await received(ingest, ears)
    assert [one.file_name for one in event.subtitles] == ["film.en.srt", "film.fr.srt"]
    blobs = DiskBlobs(root=data / "blobs")
    kept = [await blobs.get(one.blob_key) for one in event.subtitles]
    assert kept == [SRT.encode(), SRT.encode("utf-16")]

    left = (await client.delete(f"{PLACE}/en")).json()
    assert [one["language"] for one in left] == ["fr"]
    assert (await client.delete(f"{PLACE}/en")).json() == left
    after = await received(ingest, ears)
    assert [one.language for one in after.subtitles] == ["fr"]
    assert await blobs.get(event.subtitles[0].blob_key)  # a job under way may still read it


async def test_what_is_no_subtitle_is_refused_in_words(client: httpx.AsyncClient) -> None:
    for language, content, sentence in (
        ("fr", b"", "no subtitles in SRT or WebVTT"),
        ("fr", b"\x89PNG\r\n" + b"x" * 100, "no subtitles in SRT or WebVTT"),
        ("français", SRT.encode(), "is not a language code"),
    ):
        answer = await client.put(f"{PLACE}/{language}", content=content)
        assert (answer.status_code, sentence in answer.json()["detail"]) == (400, True), answer.text
    long_name = await client.put(f"{PLACE}/fr", params={"file_name": "x" * 300}, content=SRT)
    assert long_name.status_code == 400
    assert (await client.get(PLACE)).json() == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_subtitles_are_for_ones_own_titles(client: httpx.AsyncClient, method: str) -> None:
    await client.put(f"{PLACE}/fr", content=SRT)
    path = PLACE if method == "GET" else f"{PLACE}/fr"
    given: dict[str, Any] = {"content": SRT} if method == "PUT" else {}
    rival = await client.request(method, path, headers={"X-Partner": OTHER}, **given)
    viewer = await client.request(method, path, headers={"X-Role": "viewer"}, **given)
    assert (rival.status_code, viewer.status_code) == (403, 403)
    elsewhere = path.replace(f"contents/{TITLE}", "contents/epi_else")
    assert (await client.request(method, elsewhere, **given)).status_code == 403
    unknown = path.replace(f"titles/{TITLE}", "titles/ttl_none")
    assert (await client.request(method, unknown, **given)).status_code == 404
    assert len((await client.get(PLACE)).json()) == 1
