"""tus 1.0 over HTTP, by its verbs. (I1)"""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from tests.asgi import asgi
from tests.clocks import PATIENT_S
from tests.conftest import OpenRows
from tests.ingest.server import OTHER, TITLE, app_of, ingest_of
from vitascope.kernel.clock import HeldClock

TUS = {"Tus-Resumable": "1.0.0"}
BODY = TUS | {"Content-Type": "application/offset+octet-stream"}


def told(**words: str) -> str:
    return ",".join(f"{key} {base64.b64encode(v.encode()).decode()}" for key, v in words.items())


WORDS = {"filename": "film.mov", "title_id": TITLE}
METADATA = {"Upload-Metadata": told(**WORDS)}


@pytest.fixture
async def client(
    open_sqlite: OpenRows, data: Path, clock: HeldClock
) -> AsyncIterator[httpx.AsyncClient]:
    rows = await open_sqlite("ingest")
    app = app_of(ingest_of(rows, data, clock))
    transport = asgi(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def created(client: httpx.AsyncClient, size: int) -> str:
    answer = await client.post(
        "/api/uploads", headers=TUS | METADATA | {"Upload-Length": f"{size}"}
    )
    assert answer.status_code == 201
    return answer.headers["location"]


async def test_options_tells_what_the_server_can(client: httpx.AsyncClient) -> None:
    answer = await client.options("/api/uploads")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    extensions = set(answer.headers["tus-extension"].split(","))
    assert extensions == {
        "creation",
        "creation-with-upload",
        "checksum",
        "expiration",
        "termination",
        "concatenation",
    }
    assert answer.headers["tus-checksum-algorithm"] == "sha1,sha256,md5"
    assert int(answer.headers["tus-max-size"]) > 10**11


async def test_post_creates_and_tells_where(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/uploads", headers=TUS | METADATA | {"Upload-Length": "10"})
    assert answer.status_code == 201
    assert answer.headers["location"].startswith("/api/uploads/upl_")
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert parsedate_to_datetime(answer.headers["upload-expires"]).year >= 2023


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Upload-Length": "-1"},
        {"Upload-Length": "ten"},
        {"Upload-Length": "0"},
        {"Upload-Length": "5", "Upload-Defer-Length": "1"},
        {"Upload-Length": "5", "Upload-Metadata": "filename !!!"},
        {"Upload-Length": "5", "Upload-Metadata": told(filename="x")},
        {
            "Upload-Length": "5",
            "Upload-Metadata": told(filename="x", title_id=TITLE, priority="now"),
        },
        {"Upload-Length": "9" * 19},  # beyond what a database counts
        {"Upload-Length": "9" * 5000},  # beyond what Python reads as a number
        {"Upload-Length": "5", "Upload-Metadata": told(**WORDS, note="x" * 301)},
        {
            "Upload-Length": "5",
            "Upload-Metadata": told(**WORDS, **{f"note{n}": "x" * 200 for n in range(40)}),
        },
    ],
)
async def test_post_refuses_nonsense(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.post("/api/uploads", headers=TUS | METADATA | headers)
    assert answer.status_code == 400
    assert answer.headers["tus-resumable"] == "1.0.0"


async def test_post_with_a_body_creates_and_takes_the_first_bytes(
    client: httpx.AsyncClient,
) -> None:
    headers = BODY | METADATA | {"Upload-Length": "10"}
    answer = await client.post("/api/uploads", headers=headers, content=b"abcd")
    assert answer.status_code == 201
    assert answer.headers["upload-offset"] == "4"


@pytest.mark.parametrize("word", ["filename", "title_id", "content_id", "sound_label", "note"])
@pytest.mark.parametrize("odd", ["\x00", "\x1b", "\u202e"])
async def test_control_characters_in_any_word_of_the_metadata_are_refused(
    client: httpx.AsyncClient, word: str, odd: str
) -> None:
    """Of file names, ingest itself refuses them too: `test_a_file_name_that_no_file_has`."""
    metadata = told(**WORDS | {word: f"a{odd}b"})
    headers = TUS | {"Upload-Metadata": metadata, "Upload-Length": "10"}
    answer = await client.post("/api/uploads", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert f"`{word}` in Upload-Metadata" in answer.json()["detail"]


async def test_head_tells_the_offset(client: httpx.AsyncClient) -> None:
    place = await created(client, 10)
    answer = await client.head(place, headers=TUS)
    assert answer.status_code == 200
    assert answer.headers["upload-offset"] == "0"
    assert answer.headers["upload-length"] == "10"
    assert answer.headers["cache-control"] == "no-store"
    assert f"filename {base64.b64encode(b'film.mov').decode()}" in answer.headers["upload-metadata"]


async def test_head_of_an_unknown_upload_is_404_and_of_a_foreign_one_403(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.head("/api/uploads/upl_no", headers=TUS)).status_code == 404
    place = await created(client, 10)
    foreign = await client.head(place, headers=TUS | {"X-Partner": OTHER})
    assert foreign.status_code == 403


async def test_patch_moves_the_offset_until_the_end(client: httpx.AsyncClient) -> None:
    place = await created(client, 10)
    for offset, part in ((0, b"abcd"), (4, b"efghij")):
        headers = BODY | {"Upload-Offset": str(offset)}
        answer = await client.patch(place, headers=headers, content=part)
        assert answer.status_code == 204
        assert answer.headers["upload-offset"] == str(offset + len(part))
    begun = await created(client, 10)
    listed = (await client.get("/api/studio/uploads?state=uploading")).json()
    assert [one["id"] for one in listed] == [begun.rpartition("/")[2]]
    (upload,) = (await client.get("/api/studio/uploads?state=received")).json()
    assert upload["id"] == place.rpartition("/")[2]
    assert upload["sha256"] == hashlib.sha256(b"abcdefghij").hexdigest()
    assert (await client.get("/api/studio/quota")).json()["used_bytes"] == 20
    assert (await client.get("/api/studio/uploads?state=lost")).status_code == 400


async def test_patch_at_a_wrong_offset_is_409(client: httpx.AsyncClient) -> None:
    place = await created(client, 10)
    answer = await client.patch(place, headers=BODY | {"Upload-Offset": "3"}, content=b"x")
    assert answer.status_code == 409
    assert answer.json()["offset"] == 0
    assert answer.headers["tus-resumable"] == "1.0.0"


async def test_patch_of_another_type_or_past_the_end_is_refused(client: httpx.AsyncClient) -> None:
    place = await created(client, 4)
    plain = TUS | {"Upload-Offset": "0", "Content-Type": "text/plain"}
    assert (await client.patch(place, headers=plain, content=b"x")).status_code == 400
    long = await client.patch(place, headers=BODY | {"Upload-Offset": "0"}, content=b"12345")
    assert long.status_code == 413


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
async def test_patch_with_a_checksum(client: httpx.AsyncClient, algorithm: str) -> None:
    place = await created(client, 4)
    digest = base64.b64encode(hashlib.new(algorithm, b"film").digest()).decode()
    headers = BODY | {"Upload-Offset": "0", "Upload-Checksum": f"{algorithm} {digest}"}
    wrong = await client.patch(place, headers=headers, content=b"fulm")
    assert wrong.status_code == 460
    assert (await client.head(place, headers=TUS)).headers["upload-offset"] == "0"
    assert (await client.patch(place, headers=headers, content=b"film")).status_code == 204


async def test_patch_with_an_unknown_checksum_is_400(client: httpx.AsyncClient) -> None:
    place = await created(client, 4)
    headers = BODY | {"Upload-Offset": "0", "Upload-Checksum": "crc32 AAAA"}
    assert (await client.patch(place, headers=headers, content=b"film")).status_code == 400


async def test_delete_terminates(client: httpx.AsyncClient) -> None:
    place = await created(client, 4)
    assert (await client.delete(place, headers=TUS)).status_code == 204
    assert (await client.head(place, headers=TUS)).status_code == 404


async def piece(client: httpx.AsyncClient, content: bytes) -> str:
    headers = BODY | {"Upload-Concat": "partial", "Upload-Length": str(len(content))}
    answer = await client.post("/api/uploads", headers=headers, content=content)
    assert answer.status_code == 201
    return answer.headers["location"]


async def test_partial_uploads_become_one_final_one(client: httpx.AsyncClient) -> None:
    first, second = await piece(client, b"abcd"), await piece(client, b"efghij")
    assert (await client.head(first, headers=TUS)).headers["upload-concat"] == "partial"
    concat = f"final;{first} http://test{second}"
    final = TUS | METADATA | {"Upload-Concat": concat}
    answer = await client.post("/api/uploads", headers=final)
    assert answer.status_code == 201
    place = answer.headers["location"]
    async with asyncio.timeout(PATIENT_S):
        while "upload-offset" not in (told := await client.head(place, headers=TUS)).headers:
            await asyncio.sleep(0.01)
    assert told.headers["upload-concat"] == f"final;{first} {second}"
    assert (told.headers["upload-offset"], told.headers["upload-length"]) == ("10", "10")
    (upload,) = (await client.get("/api/studio/uploads")).json()
    assert upload["sha256"] == hashlib.sha256(b"abcdefghij").hexdigest()
    more = await client.patch(place, headers=BODY | {"Upload-Offset": "10"}, content=b"x")
    assert more.status_code == 403
    assert (await client.post("/api/uploads", headers=final)).status_code in (404, 409)


@pytest.mark.parametrize(
    ("concat", "length"),
    [
        ("partly", "4"),
        ("final", ""),
        ("final; ", ""),
        ("final;/api/elsewhere/upl_1", ""),
        ("final;http://[/api/uploads/upl_1", ""),
        ("final;/api/uploads/upl_1", "4"),
        ("partial", ""),
    ],
)
async def test_a_concatenation_that_is_none_is_400(
    client: httpx.AsyncClient, concat: str, length: str
) -> None:
    headers = TUS | METADATA | {"Upload-Concat": concat}
    if length:
        headers["Upload-Length"] = length
    assert (await client.post("/api/uploads", headers=headers)).status_code == 400


async def test_an_expired_upload_is_410(client: httpx.AsyncClient, clock: HeldClock) -> None:
    place = await created(client, 4)
    clock.advance(8 * 24 * 3600)
    assert (await client.head(place, headers=TUS)).status_code == 410


async def test_viewers_hand_nothing_in(client: httpx.AsyncClient) -> None:
    place = await created(client, 4)
    viewer = {"X-Role": "viewer"}
    begin = METADATA | {"Upload-Length": "4"}
    for verb, path, headers in (
        ("POST", "/api/uploads", begin),
        ("HEAD", place, {}),
        ("PATCH", place, BODY | {"Upload-Offset": "0"}),
        ("DELETE", place, {}),
        ("GET", "/api/studio/uploads", {}),
        ("GET", "/api/studio/quota", {}),
    ):
        answer = await client.request(verb, path, headers=TUS | viewer | headers)
        assert answer.status_code == 403, (verb, path)


async def test_another_version_is_412_and_told_ours(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/uploads", headers={"Tus-Resumable": "0.2.2"})
    assert answer.status_code == 412
    assert answer.headers["tus-version"] == "1.0.0"
    assert answer.json()["code"] == "unsupported-tus-version"
