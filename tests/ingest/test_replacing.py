"""I1: a master takes the place of what is live only where its partner says so, and is published
when its partner wants."""

import httpx
import pytest

from tests.ingest.server import LIVE, PARTNER, TITLE, Ears
from tests.ingest.test_sounds import live
from tests.ingest.test_tus import BODY, TUS, told
from vitascope.ingest import MasterReceived
from vitascope.ingest.upload import RowsIngest

__all__ = ["live"]  # a fixture


async def sent(client: httpx.AsyncClient, **words: str) -> httpx.Response:
    metadata = told(filename="film.mov", title_id=TITLE, **words)
    headers = TUS | BODY | {"Upload-Metadata": metadata, "Upload-Length": "4"}
    return await client.post("/api/uploads", headers=headers, content=b"film")


@pytest.mark.usefixtures("live")
async def test_what_is_live_is_not_replaced_unless_it_is_said(
    client: httpx.AsyncClient, ears: Ears
) -> None:
    assert LIVE
    for words in ({}, {"replaces": "no"}):
        refused = await sent(client, **words)
        assert (refused.status_code, refused.json()["code"]) == (409, "already-live")
    assert ears.heard == []
    assert (await sent(client, replaces="yes")).status_code == 201
    (event,) = ears.heard
    assert isinstance(event, MasterReceived)
    assert event.replaces


@pytest.mark.parametrize(
    ("word", "at_ms"),
    [
        ("", 0),
        ("ready", 0),
        ("asked", None),
        ("1970-01-01T01:00:05+01:00", 5000),
        ("2026-12-24T20:00:00Z", 1798142400000),
    ],
)
async def test_it_is_said_when_to_publish(
    client: httpx.AsyncClient, ears: Ears, ingest: RowsIngest, word: str, at_ms: int | None
) -> None:
    place = (await sent(client, publish=word)).headers["location"]
    (event,) = ears.heard
    assert isinstance(event, MasterReceived)
    assert (event.publish_at_ms, event.replaces) == (at_ms, False)
    (kept,) = await ingest.uploads(PARTNER)
    assert kept.draft.publish_at_ms == at_ms
    assert (await client.head(place, headers=TUS)).status_code == 200


@pytest.mark.parametrize("word", ["soon", "2026-12-24T20:00:00", "9999-01-01T00:00Z", "12"])
async def test_what_is_no_time_to_publish_is_refused(client: httpx.AsyncClient, word: str) -> None:
    refused = await sent(client, publish=word)
    assert (refused.status_code, "2026-12-24" in refused.json()["detail"]) == (400, True)
