"""What is encoded again when something changes, and what is found done."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.encoding.steps import (
    MEDIA,
    SMALL,
    CountingMedia,
    inspected,
    package_of,
    quick_parts,
    rendition,
    subtitles_of,
)
from vitascope.encoding import CheckQuality, FindShots, PlanQuick, TextSource
from vitascope.encoding.local import LocalEncoding
from vitascope.encoding.master import qc
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.media import Tool, ToolResult
from vitascope.kernel.media import Language

pytestmark = pytest.mark.long

CLIP = "street_432p12.5_6s.mp4"


class UpgradedMedia(CountingMedia):
    """The tools of this machine, some of which say that they are newer."""

    def __init__(self, *newer: str) -> None:
        super().__init__()
        self._newer = newer

    async def version(self, tool: Tool) -> str:
        told = await super().version(tool)
        return f"{told} and one" if tool in self._newer else told

    async def run(self, tool: Tool, args: Sequence[str], **more: Any) -> ToolResult:
        result = await super().run(tool, args, **more)
        if "x264" in self._newer and "color=s=64x64:r=1:d=1" in args:
            newer = result.stdout.replace(b"x264 - core ", b"x264 - core 1")
            return msgspec.structs.replace(result, stdout=newer)
        return result


def encoding_over(folder: Path, *newer: str) -> tuple[LocalEncoding, UpgradedMedia]:
    tools = UpgradedMedia(*newer)
    blobs = DiskBlobs(root=folder / "blobs")
    made = LocalEncoding(blobs=blobs, media=tools, folder=folder / "work", settings=SMALL)
    return made, tools


async def published(
    encoding: LocalEncoding, folder: Path, key: str, *, text: tuple[TextSource, ...] = ()
) -> None:
    """Everything that costs something of one master, and its package."""
    source = await inspected(encoding, DiskBlobs(root=folder / "blobs"), CLIP, key)
    source = msgspec.structs.replace(source, text=text)
    await encoding.run(CheckQuality(source=source))
    made, sound = await quick_parts(encoding, source)
    shots = await encoding.run(FindShots(source=source))
    (rung,) = (await encoding.run(PlanQuick(source=source))).ladder.rungs
    await rendition(encoding, source, shots, rung)
    words = await encoding.run(subtitles_of(source))
    await encoding.run(package_of(source, made, sound, words))


def made_by(tools: CountingMedia) -> list[str]:
    """The runs that wrote something; looking at the master again is no encode."""
    return [run for run in tools.runs if "{out}" in run]


def chunks_of(tools: CountingMedia) -> int:
    return sum(run.endswith("/chunk0.mp4") for run in tools.runs)


@pytest.fixture
async def before(tmp_path: Path) -> int:
    """A film that was published; how many chunks that took."""
    encoding, tools = encoding_over(tmp_path)
    await published(encoding, tmp_path, "masters/mas_1/bytes")
    assert chunks_of(tools) > 1
    return chunks_of(tools)


async def test_the_same_bytes_sent_again_are_not_encoded_again(tmp_path: Path, before: int) -> None:
    encoding, tools = encoding_over(tmp_path)
    await published(encoding, tmp_path, "masters/mas_2/bytes")
    assert made_by(tools) == [], "something of the same film was made again"


async def test_a_subtitle_file_more_costs_no_encode(tmp_path: Path, before: int) -> None:
    blobs = DiskBlobs(root=tmp_path / "blobs")
    said = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"
    await blobs.put("subtitles/x/1", said)
    encoding, tools = encoding_over(tmp_path)
    text = (TextSource(language=Language("en"), codec="subrip", key="subtitles/x/1"),)
    await published(encoding, tmp_path, "masters/mas_1/bytes", text=text)
    assert {run.split()[0] for run in made_by(tools)} == {"packager"}


@pytest.mark.parametrize("tool", [Tool.PACKAGER, Tool.FFPROBE])
async def test_another_packager_or_ffprobe_costs_no_encode(
    tmp_path: Path, before: int, tool: Tool
) -> None:
    encoding, tools = encoding_over(tmp_path, tool)
    await published(encoding, tmp_path, "masters/mas_1/bytes")
    packaged = {run.split()[0] for run in made_by(tools)}
    assert packaged == ({"packager"} if tool is Tool.PACKAGER else set())


async def test_another_threshold_of_quality_control_costs_no_encode(
    tmp_path: Path, before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qc, "CHECKED_BY", qc.CHECKED_BY + 1)
    encoding, tools = encoding_over(tmp_path)
    await published(encoding, tmp_path, "masters/mas_1/bytes")
    assert len(tools.runs) > 1, "the check itself was not run again"
    assert made_by(tools) == []


async def test_another_x264_encodes_every_chunk_again(tmp_path: Path, before: int) -> None:
    encoding, tools = encoding_over(tmp_path, "x264")
    await published(encoding, tmp_path, "masters/mas_1/bytes")
    assert chunks_of(tools) == before


async def test_a_field_more_in_the_inspection_renames_no_chunk(tmp_path: Path, before: int) -> None:
    """What a later version may learn of a master: here, of a sound track."""
    encoding, tools = encoding_over(tmp_path)
    source = await inspected(encoding, DiskBlobs(root=tmp_path / "blobs"), CLIP)
    richer = msgspec.defstruct(
        "Richer", [("film_stock", str, "")], bases=(type(source),), frozen=True, kw_only=True
    )
    known = {name: getattr(source, name) for name in type(source).__struct_fields__}
    made, _ = await quick_parts(encoding, richer(**known, film_stock="5219"))  # type: ignore[arg-type]
    assert made
    assert chunks_of(tools) == 0


def test_the_clip_is_there() -> None:
    assert (MEDIA / CLIP).exists()
