"""I7: sound tracks for what is published, delivered as masters are."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.ingest.sending import arriving
from tests.ingest.server import LIVE, PARTNER, TITLE, Ears, ingest_of
from tests.ingest.test_tus import BODY, TUS, told
from vitascope.catalog import Asset
from vitascope.engines.rows import Rows
from vitascope.ingest import SoundDraft, SoundReceived
from vitascope.ingest.upload import RowsIngest
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import AssetId, ContentId, UploadId
from vitascope.kernel.media import AudioTrack, Codec, Language


@pytest.fixture
def live() -> Iterator[None]:
    """The film is published with English sound."""
    english = AudioTrack(
        name="a-en-2", language=Language("en"), channels=2, codec=Codec.AAC, bitrate_kbps=128
    )
    LIVE[ContentId(TITLE)] = Asset(
        id=AssetId("ast_1"),
        content_id=ContentId(TITLE),
        version="1",
        duration_ms=6000,
        ladder=(),
        audio=(english,),
        text=(),
        key_ids={},
        scheme="cbcs",
        prefix="assets/ast_1/1",
        files={},
        sizes={},
    )
    yield
    LIVE.clear()


async def begin(client: httpx.AsyncClient, **words: str) -> httpx.Response:
    metadata = told(filename="film.fr.flac", title_id=TITLE, **words)
    headers = TUS | {"Upload-Metadata": metadata, "Upload-Length": "10"}
    return await client.post("/api/uploads", headers=headers)


@pytest.mark.usefixtures("live")
async def test_a_sound_track_is_uploaded_in_parts_and_announced_as_what_it_is(
    client: httpx.AsyncClient, ears: Ears
) -> None:
    words = {"sound_language": "fra", "sound_role": "commentary", "sound_label": "The director"}
    made = await begin(client, **words)
    assert made.status_code == 201, made.text
    place = made.headers["location"]
    for offset, part in ((0, b"01234"), (5, b"56789")):
        sent = await client.patch(
            place, headers=BODY | {"Upload-Offset": str(offset)}, content=part
        )
        assert sent.status_code == 204, sent.text
    asked = await client.head(place, headers=TUS)
    assert told(sound_language="fr", sound_role="commentary") in asked.headers["upload-metadata"]
    (event,) = ears.heard
    assert isinstance(event, SoundReceived)
    assert event.sound == SoundDraft(
        language=Language("fr"), role="commentary", label="The director"
    )
    assert (event.content_id, event.size) == (ContentId(TITLE), 10)
    assert event.master_id in event.blob_key
    (upload,) = (await client.get("/api/studio/uploads", headers=TUS)).json()
    assert upload["draft"]["sound"]["language"] == "fr"


async def test_sound_for_what_is_not_published_is_refused_before_it_is_sent(
    client: httpx.AsyncClient,
) -> None:
    answer = await begin(client, sound_language="fr")
    assert answer.status_code == 409
    assert answer.json()["code"] == "no-live-version"


@pytest.mark.usefixtures("live")
async def test_sound_that_is_there_is_replaced_only_when_asked(client: httpx.AsyncClient) -> None:
    answer = await begin(client, sound_language="eng")
    assert answer.status_code == 409
    assert answer.json()["code"] == "sound-already-there"
    assert "a-en-2" in answer.json()["detail"]
    assert (await begin(client, sound_language="en", sound_replaces="yes")).status_code == 201
    assert (await begin(client, sound_language="en", sound_role="description")).status_code == 201


@pytest.mark.usefixtures("live")
@pytest.mark.parametrize(
    "words",
    [
        {"sound_language": ""},
        {"sound_language": "not a language"},
        {"sound_language": "fr", "sound_role": "karaoke"},
        {"sound_language": "fr", "sound_label": "x" * 61},
    ],
)
async def test_nonsense_is_refused(client: httpx.AsyncClient, words: dict[str, str]) -> None:
    answer = await begin(client, **words)
    assert answer.status_code == 400, answer.text


@pytest.mark.usefixtures("live")
async def test_what_a_killed_process_received_is_announced_as_sound(
    client: httpx.AsyncClient, ingest: RowsIngest, rows: Rows, data: Path, clock: HeldClock
) -> None:
    """The draft is read from its row again."""
    made = await begin(client, sound_language="fr")
    upload_id = UploadId(made.headers["location"].rsplit("/", 1)[1])
    await ingest.append(PARTNER, upload_id, 0, arriving(b"01234"))
    ears = Ears()
    after = ingest_of(rows, data, clock, outbox=ears)
    await after.append(PARTNER, upload_id, 5, arriving(b"56789"))
    (event,) = ears.heard
    assert isinstance(event, SoundReceived)
