"""I7: subtitle files given apart from a master."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.ingest.sending import arriving, draft
from tests.ingest.server import OTHER, PARTNER, TITLE, Ears
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.ingest import MasterReceived, SubtitlesChanged, subtitles
from vitascope.ingest.upload import RowsIngest

SRT = "1\n00:00:01,000 --> 00:00:02,000\nBonjour, Æsir !\n"
PLACE = f"/api/studio/titles/{TITLE}/contents/{TITLE}/subtitles"


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


async def test_a_language_has_subtitles_of_several_kinds_which_can_be_moved(
    client: httpx.AsyncClient, ingest: RowsIngest, ears: Ears
) -> None:
    for kind in ("full", "sdh", "forced", "sdh"):
        answer = await client.put(f"{PLACE}/fr", params={"kind": kind}, content=SRT)
        assert answer.status_code == 200, answer.text
    moved = await client.patch(f"{PLACE}/fr", params={"kind": "sdh", "moved_ms": -1500})
    assert moved.status_code == 200, moved.text
    (*_, told) = ears.heard
    assert isinstance(told, SubtitlesChanged)
    assert (told.language, told.kind) == ("fr", "sdh")
    given = [(one.kind, one.moved_ms) for one in (await received(ingest, ears)).subtitles]
    assert given == [("forced", 0), ("full", 0), ("sdh", -1500)]
    left = (await client.delete(f"{PLACE}/fr", params={"kind": "forced"})).json()
    assert [one["kind"] for one in left] == ["full", "sdh"]
    assert (await client.delete(f"{PLACE}/fr")).json() == left[1:], "the full ones"


async def test_a_move_that_cannot_be_meant_is_refused(client: httpx.AsyncClient) -> None:
    await client.put(f"{PLACE}/fr", content=SRT)
    refused: tuple[tuple[str, dict[str, Any], int], ...] = (
        ("fr", {"moved_ms": 3_600_001}, 400),
        ("fr", {"moved_ms": -3_600_001}, 400),
        ("fr", {}, 400),
        ("fr", {"moved_ms": 1, "kind": "loud"}, 400),
        ("fr", {"moved_ms": 1, "kind": "sdh"}, 404),
        ("de", {"moved_ms": 1}, 404),
    )
    for language, query, status in refused:
        answer = await client.patch(f"{PLACE}/{language}", params=query)
        assert answer.status_code == status, answer.text
    assert [one["moved_ms"] for one in (await client.get(PLACE)).json()] == [0]


@pytest.mark.parametrize(
    "content",
    [
        b"Scenarist_SCC V1.0\n\n00:00:01:00\t9420\n",
        b"\xef\xbb\xbf[Script Info]\nTitle: x\n",
        b'<?xml version="1.0"?>\n<tt:tt xmlns:tt="http://www.w3.org/ns/ttml"/>',
        b"850STL25.01" + b" " * 1013,
        "<tt xmlns='http://www.w3.org/ns/ttml'/>".encode("utf-16"),
    ],
)
async def test_every_format_is_taken(client: httpx.AsyncClient, content: bytes) -> None:
    answer = await client.put(f"{PLACE}/fr", content=content)
    assert answer.status_code == 200, answer.text


async def test_what_is_no_subtitle_is_refused_in_words(client: httpx.AsyncClient) -> None:
    for language, content, sentence in (
        ("fr", b"", "no subtitles in SRT, WebVTT, ASS"),
        ("fr", b"\x89PNG\r\n" + b"x" * 100, "no subtitles in SRT, WebVTT, ASS"),
        ("français", SRT.encode(), "is not a language code"),
        ("fr" + "-latn" * 13, SRT.encode(), "is not a language code"),
    ):
        answer = await client.put(f"{PLACE}/{language}", content=content)
        assert (answer.status_code, sentence in answer.json()["detail"]) == (400, True), answer.text
    large = await client.put(f"{PLACE}/fr", content=SRT.encode() + b" " * (4 << 20))
    assert large.status_code == 413
    long_name = await client.put(f"{PLACE}/fr", params={"file_name": "x" * 300}, content=SRT)
    assert long_name.status_code == 400
    odd_name = await client.put(f"{PLACE}/fr", params={"file_name": "a\x1b[2J.srt"}, content=SRT)
    assert (odd_name.status_code, "control characters" in odd_name.text) == (400, True)
    assert (await client.get(PLACE)).json() == []


async def test_a_film_has_subtitles_in_so_many_languages(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert subtitles.MOST_LANGUAGES == 100
    monkeypatch.setattr(subtitles, "MOST_LANGUAGES", 2)
    answers = [await client.put(f"{PLACE}/{one}", content=SRT) for one in ("fr", "en", "fr", "de")]
    assert [one.status_code for one in answers] == [200, 200, 200, 400]
    assert [one["language"] for one in (await client.get(PLACE)).json()] == ["en", "fr"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_subtitles_are_for_ones_own_titles(client: httpx.AsyncClient, method: str) -> None:
    await client.put(f"{PLACE}/fr", content=SRT)
    path = PLACE if method == "GET" else f"{PLACE}/fr"
    given: dict[str, Any] = {"content": SRT} if method == "PUT" else {}
    rival = await client.request(method, path, headers={"X-Partner": OTHER}, **given)
    viewer = await client.request(method, path, headers={"X-Role": "viewer"}, **given)
    assert (rival.status_code, viewer.status_code) == (404, 403)
    elsewhere = path.replace(f"contents/{TITLE}", "contents/epi_else")
    assert (await client.request(method, elsewhere, **given)).status_code == 403
    unknown = path.replace(f"titles/{TITLE}", "titles/ttl_none")
    assert (await client.request(method, unknown, **given)).status_code == 404
    assert len((await client.get(PLACE)).json()) == 1
