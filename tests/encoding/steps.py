"""What the tests of encoding share: values made short, and the chain of steps."""

import asyncio
import hashlib
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vitascope.encoding import (
    AudioRef,
    BuildPackage,
    Chunk,
    ChunkRef,
    ChunkScores,
    EncodeAudio,
    EncodeChunk,
    Inspect,
    JoinChunks,
    MakeSubtitles,
    PlannedRung,
    PlanQuick,
    QcReport,
    RenditionRef,
    ShotPlan,
    Source,
    TextRef,
    ThumbnailSet,
    TrialPoint,
    TrialResult,
)
from vitascope.encoding.local import LocalEncoding
from vitascope.encoding.settings import EncodingSettings
from vitascope.engines.blobs import Blobs
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.media import Input, Tool, ToolResult
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.kernel.ids import AssetId, KeyId
from vitascope.kernel.media import KeyLabel
from vitascope.licensing import ContentKey
from vitascope.publishing.plans import EncodingPlan

MEDIA = Path(__file__).parent.parent / "media"
SMALL = EncodingSettings(
    heights=(120, 180),
    quick_heights=(120,),
    preset="ultrafast",
    max_samples=2,
    sample_s=0.5,
    top_vmaf=88.0,
    max_rungs=3,
    sd_vmaf=30.0,
    phone_vmaf=40.0,
)
KEYS = [
    ContentKey(
        label=label,
        key_id=KeyId(hashlib.md5(f"id {label}".encode()).hexdigest()),
        key=hashlib.md5(f"key {label}".encode()).digest(),
        iv=hashlib.md5(f"iv {label}".encode()).digest(),
    )
    for label in KeyLabel
]


def source_of(**changes: object) -> Source:
    plain = Source(
        master_key="masters/m/bytes",
        sha256="ab" * 32,
        size=1,
        format="mov",
        duration_ms=30_000,
        video_index=0,
        width=1920,
        height=1080,
        frame_rate="24/1",
        frames=720,
    )
    return msgspec.structs.replace(plain, **changes)


def shots_of(*lengths: int, complexity: float = 1000.0) -> ShotPlan:
    chunks: list[Chunk] = []
    for length in lengths:
        start = chunks[-1].end if chunks else 0
        chunks.append(
            Chunk(
                index=len(chunks),
                start=start,
                end=start + length,
                keyframes=(start,),
                complexity=complexity,
            )
        )
    return ShotPlan(chunks=tuple(chunks), frame_rate="24/1", picture_key="masters/m/bytes")


def trials_of(
    ceilings: Mapping[int, float],
    crfs: Sequence[float],
    *,
    detail: Sequence[float] = (1.0,),
    complexity: float = 1000.0,
) -> list[TrialResult]:
    """A sample of each of as many shots, tried at all heights (with the best VMAF that they can
    reach) and all CRFs. One of `detail` 4 costs four times the bytes and loses quality twice as
    fast."""
    return [
        TrialResult(
            chunk=chunk,
            complexity=complexity,
            points=tuple(
                point_of(height, crf, detail=each, ceiling=ceiling)
                for height, ceiling in ceilings.items()
                for crf in crfs
            ),
            vmaf_model="vmaf_v0.6.1",
        )
        for chunk, each in enumerate(detail)
    ]


def point_of(height: int, crf: float, *, detail: float = 1.0, ceiling: float = 100.0) -> TrialPoint:
    worth = 2 ** ((24 - crf) / 6) * detail * height
    return TrialPoint(
        height=height,
        crf=crf,
        key_bytes=60 * worth,
        frame_bytes=6 * worth,
        vmaf=max(0.0, ceiling - 0.04 * detail**0.5 * (crf - 10) ** 2),
    )


class CountingMedia(SandboxedMedia):
    """Says which runs encoded something, so that a test can see what was done twice."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []
        self._held = ""
        self._begun = asyncio.Event()

    def hold(self, output: str) -> asyncio.Event:
        """The next run that writes a file of this name sets the event, and never returns: it is
        there to be cancelled."""
        self._held, self._begun = output, asyncio.Event()
        return self._begun

    async def run(self, tool: Tool, args: Sequence[str], **more: Any) -> ToolResult:
        if tool in (Tool.FFMPEG, Tool.PACKAGER) and not _asks_for_a_version(args):
            self.runs.append(f"{tool} {args[-1]}")
        held = bool(self._held) and f"/{self._held}" in args[-1]
        if held:
            self._held = ""
            self._begun.set()
        result = await super().run(tool, args, **more)
        if held:
            await asyncio.Event().wait()
        return result


def _asks_for_a_version(args: Sequence[str]) -> bool:
    return "-version" in args or "--version" in args or "color=s=64x64:r=1:d=1" in args


def encoder_in(folder: Path, settings: EncodingSettings = SMALL) -> tuple[LocalEncoding, DiskBlobs]:
    blobs = DiskBlobs(root=folder / "blobs")
    made = LocalEncoding(
        blobs=blobs, media=CountingMedia(), folder=folder / "work", settings=settings
    )
    return made, blobs


def runs_of(encoder: LocalEncoding) -> list[str]:
    """What an encoder of `encoder_in` has run until now; the list goes on growing."""
    return tools_of(encoder).runs


async def cancelled_at(encoder: LocalEncoding, output: str, work: Coroutine[Any, Any, Any]) -> None:
    """Cancel `work` when a tool writes a file of this name."""
    begun = tools_of(encoder).hold(output)
    task = asyncio.create_task(work)
    waiting = asyncio.create_task(begun.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    assert not task.done(), f"it ended without {output}"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def tools_of(encoder: LocalEncoding) -> CountingMedia:
    tools = encoder._workspace.tools
    assert isinstance(tools, CountingMedia)
    return tools


async def inspected(
    encoder: LocalEncoding, blobs: Blobs, name: str, key: str = "masters/mas_1/bytes"
) -> Source:
    await blobs.put_file(key, MEDIA / name, overwrite=True)
    inspection = await encoder.run(Inspect(master_key=key, file_name=name))
    assert inspection.source is not None, inspection.findings
    return inspection.source


async def rendition(
    encoder: LocalEncoding,
    source: Source,
    shots: ShotPlan,
    rung: PlannedRung,
    *,
    measure: bool = False,
) -> RenditionRef:
    """A rung by itself, of all its chunks."""
    plan = EncodingPlan(source=source, shots=shots, rungs=(rung,))

    async def made(chunk: Chunk) -> tuple[tuple[ChunkRef, ...], tuple[ChunkScores, ...]]:
        refs = await encoder.run(plan.encoding_of(chunk.index, rung.name))
        if not measure:
            return refs, ()
        return refs, await encoder.run(
            plan.measuring_of(chunk.index, refs, rough=False, format=rung.format)
        )

    found = await asyncio.gather(*map(made, shots.chunks))
    chunks = tuple(ref for refs, _ in found for ref in refs)
    scores = tuple(score for _, some in found for score in some)
    return await encoder.run(
        JoinChunks(source=source, shots=shots, rung=rung, chunks=chunks, scores=scores)
    )


def chunk_of(source: Source, shots: ShotPlan, rung: PlannedRung, chunk: Chunk) -> EncodeChunk:
    return EncodeChunk(
        source=source,
        picture=shots.picture,
        chunk=chunk,
        encodes=(rung.encode(chunk.index),),
        format=rung.format,
    )


async def quick_parts(
    encoder: LocalEncoding, source: Source
) -> tuple[tuple[RenditionRef, ...], tuple[AudioRef, ...]]:
    """Renditions and sound of the first playable version."""
    quick = await encoder.run(PlanQuick(source=source))
    made = [await rendition(encoder, source, quick.shots, rung) for rung in quick.ladder.rungs]
    return tuple(made), await encoder.run(EncodeAudio(sound=source.sound, qc=QcReport()))


def package_of(
    source: Source,
    made: Iterable[RenditionRef],
    sound: Iterable[AudioRef] = (),
    text: Iterable[TextRef] = (),
    keys: Iterable[ContentKey] = (),
    thumbnails: ThumbnailSet | None = None,
) -> BuildPackage:
    return BuildPackage(
        asset_id=AssetId("ast_1"),
        programme=source.programme,
        source=source,
        renditions=tuple(made),
        audio=tuple(sound),
        text=tuple(text),
        keys=tuple(keys or KEYS),
        thumbnails=thumbnails,
    )


def subtitles_of(source: Source) -> MakeSubtitles:
    return MakeSubtitles(programme=source.programme, text=source.text, source=source)


async def resized(folder: Path) -> Path:
    """A recording of four seconds, of which the second half has another size and is quiet."""
    tools = SandboxedMedia()
    for name, size, loud in (("a", "320x180", 0.3), ("b", "180x320", 0.003)):
        picture = f"testsrc2=s={size}:r=25:d=2"
        sound = f"anoisesrc=d=2:c=pink:r=48000:a={loud}:seed=7"
        args = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, "-c:a", "libopus"]
        args += ["-c:v", "libvpx", "-deadline", "realtime", "-b:v", "1M"]
        await tools.run(Tool.FFMPEG, [*args, f"{{out}}/{name}.webm"], inputs={}, output=folder)
    (folder / "list").write_text("ffconcat version 1.0\nfile 'a'\nfile 'b'\n")
    given = {
        "list": Input(path=folder / "list", trusted=True),
        **{name: Input(path=folder / f"{name}.webm", trusted=True) for name in "ab"},
    }
    joined = ["-f", "concat", "-i", "{in.list}", "-c", "copy", "{out}/resized.webm"]
    await tools.run(Tool.FFMPEG, joined, inputs=given, output=folder)
    return folder / "resized.webm"
