"""A worker fetches only the part of the picture that it needs."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.encoding.steps import SMALL, CountingMedia, chunk_of, inspected
from vitascope.encoding import (
    EncodeChunk,
    FindShots,
    PlanLadder,
    PlanQuick,
    PlanTrials,
    RunTrial,
    Source,
)
from vitascope.encoding.contract.picture import Encode, Picture
from vitascope.encoding.local import LocalEncoding
from vitascope.encoding.picture.frames import is_plain
from vitascope.encoding.ranges import Ranges, joined, missing
from vitascope.engines.blobs import BlobInfo, LocalBlobs
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.media import Tool
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.kernel.media import Codec, DynamicRange, Format

pytestmark = pytest.mark.long

SETTINGS = msgspec.structs.replace(
    SMALL, heights=(60, 120), quick_chunk_s=2.0, quick_heights=(60,), chunk_max_s=4.0
)


class RemoteBlobs:
    """A store that is not on this machine, counting the bytes that leave it."""

    def __init__(self, root: Path) -> None:
        self._disk = DiskBlobs(root=root)
        self.read = 0

    def __getattr__(self, name: str) -> Any:
        if name == "path":
            raise AttributeError(name)
        return getattr(self._disk, name)

    async def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        content = await self._disk.get(key, start, length)
        self.read += len(content)
        return content

    async def stream(
        self, key: str, start: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        yield await self.get(key, start, length)

    async def put_file(self, key: str, source: Path, *, overwrite: bool = False) -> BlobInfo:
        return await self._disk.put_file(key, source, overwrite=overwrite)

    async def fetch(self, key: str, to: Path, part: range | None = None) -> Path:
        whole = await self._disk.info(key)
        assert whole is not None
        part = part or range(whole.size)
        content = await self.get(key, part.start, part.stop - part.start)

        def write() -> None:
            to.touch()
            with to.open("r+b") as file:
                file.truncate(whole.size)
                file.seek(part.start)
                file.write(content)

        await asyncio.to_thread(write)
        return to


async def master_in(folder: Path, name: str, *options: str) -> Path:
    """Twelve seconds that hardly compress, so that bytes are counted and not headers."""
    picture = "testsrc2=s=320x180:r=24:d=12,noise=alls=30,scale=out_range=tv"
    args = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=d=12", "-c:a", "aac"]
    coded = ["-c:v", "libx264", "-preset", "veryfast", "-qp", "14", "-g", "24", "-bf", "3"]
    coded += ["-pix_fmt", "yuv420p"]
    await SandboxedMedia().run(
        Tool.FFMPEG, [*args, *coded, *options, f"{{out}}/{name}"], inputs={}, output=folder
    )
    return folder / name


def remote(folder: Path) -> tuple[LocalEncoding, RemoteBlobs]:
    blobs = RemoteBlobs(folder / "blobs")
    assert not isinstance(blobs, LocalBlobs)
    made = LocalEncoding(
        blobs=blobs, media=CountingMedia(), folder=folder / "work", settings=SETTINGS
    )
    return made, blobs


async def test_all_chunks_and_trials_of_a_film_read_at_most_twice_its_bytes(tmp_path: Path) -> None:
    encoding, blobs = remote(tmp_path)
    film = await master_in(tmp_path, "film.mp4")
    source = await inspected(encoding, blobs, str(film))
    shots = await encoding.run(FindShots(source=source))
    assert len(shots.chunks) >= 3
    before = blobs.read
    trials = await encoding.run(PlanTrials(source=source, shots=shots))
    results = [
        await encoding.run(RunTrial(source=source, picture=shots.picture, trial=trial))
        for trial in trials
    ]
    asked = PlanLadder(source=source, shots=shots, results=tuple(results))
    ladder = await encoding.run(asked)
    for rung in ladder.rungs:
        for chunk in shots.chunks:
            await encoding.run(chunk_of(source, shots, rung, chunk))
    assert len(ladder.rungs) >= 2
    assert blobs.read - before <= 2 * source.size


async def test_a_chunk_of_a_long_film_costs_its_own_bytes(tmp_path: Path) -> None:
    encoding, blobs = remote(tmp_path)
    film = await master_in(tmp_path, "film.mp4")
    source, request = await last_chunk(encoding, blobs, film)
    before = blobs.read
    await encoding.run(request)
    share = request.chunk.frames / source.frames
    around = 6 / 12  # seconds: the opening, two keyframes before, and what is read ahead
    assert blobs.read - before < (share + around) * source.size


async def test_a_chunk_in_hdr_costs_its_own_bytes_of_the_master(tmp_path: Path) -> None:
    """Its ladder in SDR has a mezzanine, and another index."""
    encoding, blobs = remote(tmp_path)
    pq = "-vf", "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc"
    film = await master_in(tmp_path, "film.mp4", *pq)
    source = await inspected(encoding, blobs, str(film))
    hdr = Format(Codec.HEVC, DynamicRange.HDR10)
    assert source.dynamic_range is DynamicRange.HDR10
    shots = (await encoding.run(PlanQuick(source=source))).shots
    assert shots.mezzanine
    await encoding.run(PlanTrials(source=source, shots=shots, formats=(hdr,)))
    chunk = shots.chunks[-2]
    request = EncodeChunk(
        source=source,
        picture=shots.picture,
        chunk=chunk,
        encodes=(Encode(width=214, height=120, crf=30.0),),
        format=hdr,
    )
    before = blobs.read
    (part,) = await encoding.run(request)
    assert blobs.read - before < (chunk.frames / source.frames + 6 / 12) * source.size
    whole_encoding, whole_blobs = remote(tmp_path / "whole")
    await whole_blobs.put_file("masters/mas_1/bytes", film)
    whole_picture = Picture(
        key="masters/mas_1/bytes", mezzanine=False, dynamic_range=DynamicRange.HDR10
    )
    everything = msgspec.structs.replace(chunk, spans=())
    (whole,) = await whole_encoding.run(
        msgspec.structs.replace(request, chunk=everything, picture=whole_picture)
    )
    assert part.key == whole.key
    assert await blobs.get(part.key) == await whole_blobs.get(whole.key)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("film.mp4", ()),
        ("front.mp4", ("-movflags", "+faststart")),
        ("open.mp4", ("-x264-params", "open-gop=1")),
        ("film.mkv", ()),
        ("fragments.mp4", ("-movflags", "+frag_keyframe+empty_moov")),
    ],
)
async def test_a_part_of_a_file_makes_the_chunk_that_the_whole_file_makes(
    tmp_path: Path, name: str, options: tuple[str, ...]
) -> None:
    film = await master_in(tmp_path, name, *options)
    encoding, blobs = remote(tmp_path / "part")
    _, request = await last_chunk(encoding, blobs, film)
    (part,) = await encoding.run(request)
    whole_encoding, whole_blobs = remote(tmp_path / "whole")
    await whole_blobs.put_file("masters/mas_1/bytes", film)
    everything = msgspec.structs.replace(request.chunk, spans=())
    (whole,) = await whole_encoding.run(msgspec.structs.replace(request, chunk=everything))
    assert part.key == whole.key, "what is fetched is no part of a chunk's name"
    assert await blobs.get(part.key) == await whole_blobs.get(whole.key)


async def last_chunk(
    encoding: LocalEncoding, blobs: RemoteBlobs, film: Path
) -> tuple[Source, EncodeChunk]:
    source = await inspected(encoding, blobs, str(film))
    assert is_plain(source), "it is read as it was sent"
    quick = await encoding.run(PlanQuick(source=source))
    (rung,) = quick.ladder.rungs
    chunk = quick.shots.chunks[-2]
    return source, chunk_of(source, quick.shots, rung, chunk)


async def test_what_was_fetched_is_fetched_again_only_when_room_was_needed(tmp_path: Path) -> None:
    blobs = RemoteBlobs(tmp_path / "blobs")
    for key in ("a", "b"):
        await blobs._disk.put(key, bytes(range(100)))
    ranges = Ranges(blobs=blobs, folder=tmp_path / "ranges", most_bytes=60)
    async with ranges.holding("a", ((10, 30),)) as file:
        assert file.read_bytes()[10:30] == bytes(range(10, 30))
    async with ranges.holding("a", ((20, 50),)) as file:
        assert file.read_bytes()[10:50] == bytes(range(10, 50))
        assert blobs.read == 40, "bytes that were there were fetched again"
        async with ranges.holding("b"):
            assert file.exists(), "taken away under a step that reads it"
    async with ranges.holding("a", ((20, 50),)):
        assert blobs.read == 40 + 100, "what a step was reading is gone"
    async with ranges.holding("b"):
        assert blobs.read == 40 + 100 + 100
    async with ranges.holding("a", ((20, 50),)):
        assert blobs.read == 40 + 100 + 100 + 30


def test_spans_are_joined_and_what_is_missing_is_told() -> None:
    assert joined([(5, 9), (0, 3), (3, 4), (8, 12)]) == [(0, 4), (5, 12)]
    assert missing(((0, 10), (20, 30)), [(2, 4), (8, 25)]) == [(0, 2), (4, 8), (25, 30)]
    assert missing(((3, 4),), [(0, 10)]) == []
