"""Where memory runs out, the encoder crashes or comes to a stop: once more, smaller, then told."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.encoding.steps import SMALL, CountingMedia, inspected
from vitascope.encoding import Chunk, Encode, EncodeChunk, MeasureChunk, PlaceFailed, Source
from vitascope.encoding.contract.picture import Picture
from vitascope.encoding.local import LocalEncoding
from vitascope.encoding.settings import EncodingSettings
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.media import Tool, tools
from vitascope.engines.media.sandboxed import SandboxedMedia

pytestmark = pytest.mark.long

FILM = "bbb_1080p24_4s_aac51.mp4"
LIMITED_MIB = 1000  # too little for three encoders at once, enough for each; measured
SCARCE_MIB = 700
ENCODES = tuple(
    Encode(width=width, height=height, crf=30.0)
    for width, height in ((1920, 1080), (1280, 720), (640, 360))
)


def over(
    folder: Path, settings: EncodingSettings = SMALL, media: SandboxedMedia | None = None
) -> tuple[LocalEncoding, DiskBlobs, SandboxedMedia]:
    blobs, media = DiskBlobs(root=folder / "blobs"), media or CountingMedia()
    made = LocalEncoding(blobs=blobs, media=media, folder=folder / "work", settings=settings)
    return made, blobs, media


def encoding_of(source: Source, start: int, **changes: Any) -> EncodeChunk:
    plain = EncodeChunk(
        source=source,
        picture=Picture(key=source.master_key, mezzanine=False),
        chunk=Chunk(index=1, start=start, end=start + 24, keyframes=(start,)),
        encodes=ENCODES,
    )
    return msgspec.structs.replace(plain, **changes)


async def hashes(blobs: DiskBlobs, keys: Sequence[str]) -> list[str]:
    return [hashlib.sha256(await blobs.get(key)).hexdigest() for key in keys]


async def test_what_needs_too_much_memory_is_done_rung_by_rung_and_is_the_same(
    tmp_path: Path,
) -> None:
    """By a limit of the kernel on the tool's real memory."""
    scarce = msgspec.structs.replace(SMALL, tool_memory_mib=LIMITED_MIB, preset="veryfast")
    encoding, blobs, media = over(tmp_path / "scarce", scarce)
    source = await inspected(encoding, blobs, FILM)
    before = len(media.runs)  # type: ignore[attr-defined]
    request = encoding_of(source, 48)
    made = await encoding.run(request)
    ran = [run for run in media.runs[before:] if "chunk" in run]  # type: ignore[attr-defined]
    assert [run.split("/")[-1] for run in ran] == [
        *("chunk2.mp4", "chunk0.mp4", "chunk1.mp4", "chunk2.mp4")
    ], "it was not all at once first, and then each by itself"
    scores = await encoding.run(
        MeasureChunk(source=source, picture=request.picture, chunk=request.chunk, refs=made)
    )
    assert all(score.vmaf > 50 for score in scores)

    ample = msgspec.structs.replace(SMALL, preset="veryfast")
    other, there, _ = over(tmp_path / "ample", ample)
    whole = await other.run(encoding_of(await inspected(other, there, FILM), 48))
    one, two = ([ref.key for ref in refs] for refs in (made, whole))
    assert one == two
    assert await hashes(blobs, one) == await hashes(there, two)


async def test_what_does_not_fit_rung_by_rung_either_is_told_with_its_place(
    tmp_path: Path,
) -> None:
    encoding, blobs, _ = over(tmp_path)
    source = await inspected(encoding, blobs, FILM)
    scarce = msgspec.structs.replace(SMALL, tool_memory_mib=SCARCE_MIB, preset="veryfast")
    starved, _, media = over(tmp_path, scarce)
    with pytest.raises(PlaceFailed) as told:
        await starved.run(encoding_of(source, 48))
    assert "The picture from 0:02 to 0:03 can't be encoded in h264" in told.value.detail
    assert "memory" in told.value.detail
    assert "Give workers more memory" in told.value.detail
    assert (told.value.extra["from_ms"], told.value.extra["until_ms"]) == (2000, 3000)
    assert told.value.final, "it would be tried again, with the same end"
    tried = [run for run in media.runs if "chunk" in run]  # type: ignore[attr-defined]
    assert len(tried) == 2


class BadPlaceMedia(SandboxedMedia):
    """The real tools, in the place of which something else runs for the chunk that begins at two
    seconds: a program that ends by a signal, or not at all."""

    def __init__(self, folder: Path, does: str, times: int = 99) -> None:
        super().__init__(sandbox="limits")
        script = folder / "ffmpeg"
        count = folder / "tried"
        real = tools.locate(Tool.FFMPEG)
        script.write_text(
            f'#!/bin/sh\ncase "$*" in *"-ss 1.9791"*chunk*)\n  echo x >> {count}\n'
            f'  [ "$(wc -l < {count})" -gt {times} ] || {does}\nesac\nexec {real} "$@"\n'
        )
        script.chmod(0o755)
        self._binaries[Tool.FFMPEG] = script
        self._count = count

    def tried(self) -> int:
        return len(self._count.read_text().splitlines())


Does = Callable[..., BadPlaceMedia]


@pytest.fixture
def bad_place(tmp_path: Path) -> Does:
    return partial(BadPlaceMedia, tmp_path)


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("kill -SEGV $$", "ffmpeg crashed (segmentation fault)"),
        ("kill -KILL $$", "killed, perhaps for want of memory"),
        ("exec sleep 1000", "ffmpeg made no progress for 4 s"),
    ],
)
async def test_a_place_where_the_encoder_always_ends_is_tried_twice_and_told(
    tmp_path: Path, bad_place: Does, does: str, said: str
) -> None:
    media = await asyncio.to_thread(bad_place, does)
    settings = msgspec.structs.replace(SMALL, stall_s=4.0)
    encoding, blobs, _ = over(tmp_path, settings, media)
    source = await inspected(encoding, blobs, FILM)
    with pytest.raises(PlaceFailed) as told:
        await encoding.run(encoding_of(source, 48))
    assert said in told.value.detail
    assert "from 0:02 to 0:03" in told.value.detail
    assert await encoding.run(encoding_of(source, 0)), "the rest of the film can't be encoded"
    assert await asyncio.to_thread(media.tried) == 2
    left = await asyncio.to_thread(lambda: list((tmp_path / "work").glob("step-*")))
    assert not left, "something half-written is left"


async def test_an_encoder_that_ends_once_is_no_fault_of_the_film(
    tmp_path: Path, bad_place: Does
) -> None:
    media = await asyncio.to_thread(bad_place, "kill -SEGV $$", times=1)
    encoding, blobs, _ = over(tmp_path, SMALL, media)
    source = await inspected(encoding, blobs, FILM)
    made = await encoding.run(encoding_of(source, 48))
    assert len(made) == len(ENCODES)


async def test_what_ended_a_worker_before_is_done_rung_by_rung_at_once(tmp_path: Path) -> None:
    encoding, blobs, media = over(tmp_path)
    source = await inspected(encoding, blobs, FILM)
    await encoding.run(encoding_of(source, 48, small=True))
    ran = [run.split("/")[-1] for run in media.runs if "chunk" in run]  # type: ignore[attr-defined]
    assert ran == ["chunk0.mp4", "chunk1.mp4", "chunk2.mp4"]
