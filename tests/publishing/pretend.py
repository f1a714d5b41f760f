"""An encoding that costs nothing: for the order of steps, cancelling and retrying only.

Every call that would cost something writes a line to a log, as the real one runs a tool; outputs
are files named by what went in, and a call whose output is there is done.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from vitascope.encoding import (
    ArtworkRefs,
    Assessment,
    AudioRef,
    Check,
    Chunk,
    ChunkRef,
    EncodingFailed,
    Finding,
    HullPoint,
    Inspection,
    LadderPlan,
    Package,
    PlannedRung,
    Progress,
    QcReport,
    QuickPlan,
    RenditionRef,
    Severity,
    ShotPlan,
    Source,
    TextRef,
    TextSource,
    ThumbnailSet,
    Trial,
    TrialResult,
    Verification,
)
from vitascope.kernel.ids import AssetId
from vitascope.kernel.media import Codec, KeyLabel, Language, Rung
from vitascope.licensing import ContentKey

CHUNKS = 3


class PretendEncoding:
    """`pause_s` is how long a chunk takes. While the file `broken` is there, packaging fails;
    while `scratched` is, masters are damaged; while `odd-2` is, packages of two rungs are not as
    they should be."""

    def __init__(self, folder: Path, *, pause_s: float = 0.0) -> None:
        self._folder = folder
        self._pause_s = pause_s

    async def inspect(
        self, master_key: str, *, file_name: str = "", progress: Progress | None = None
    ) -> Inspection:
        if file_name == "notes.txt":
            sentence = "This is a text file. Send a film."
            finding = Finding(code="no-video", severity=Severity.REFUSAL, sentence=sentence)
            return Inspection(findings=(finding,), source=None)
        source = Source(
            master_key=master_key,
            sha256="00",
            size=1,
            format="mov",
            duration_ms=6000,
            video_index=0,
            width=640,
            height=360,
            frame_rate="25",
            frames=150,
            text=tuple(
                TextSource(language=Language(language), codec="mov_text", index=index)
                for index, language in ((3, "en"), (4, "fr"))
            ),
        )
        return Inspection(findings=(), source=source, master={"format": "mov"})

    async def quality(self, source: Source, *, progress: Progress | None = None) -> QcReport:
        if progress is not None:
            progress(0.5)
        if await asyncio.to_thread((self._folder / "scratched").exists):
            sentence = "The film is damaged about 3.0 s in. Export it again."
            finding = Finding(code="damaged", severity=Severity.REFUSAL, sentence=sentence)
            return QcReport(findings=(finding,))
        return QcReport()

    async def quick(self, source: Source, *, progress: Progress | None = None) -> QuickPlan:
        ladder = LadderPlan(rungs=(_rung("v240", 240),))
        return QuickPlan(shots=_shots(source, 1), ladder=ladder)

    async def shots(self, source: Source, *, progress: Progress | None = None) -> ShotPlan:
        return _shots(source, CHUNKS)

    async def plan_trials(self, source: Source, shots: ShotPlan) -> tuple[Trial, ...]:
        return (
            Trial(name="240p crf 30", height=240, crf=30, samples_key="s", samples=((0, 50),)),
            Trial(name="360p crf 30", height=360, crf=30, samples_key="s", samples=((0, 50),)),
        )

    async def run_trial(
        self, source: Source, trial: Trial, *, progress: Progress | None = None
    ) -> TrialResult:
        await self._once(f"trial {trial.name}")
        return TrialResult(
            height=trial.height,
            crf=trial.crf,
            chunks=(0,),
            key_bytes=(1.0,),
            frame_bytes=(1.0,),
            vmaf=(90.0,),
            vmaf_model="v",
        )

    async def ladder(
        self, source: Source, shots: ShotPlan, results: Sequence[TrialResult]
    ) -> LadderPlan:
        point = HullPoint(height=240, crf=30, bitrate_kbps=100, vmaf=90, on_hull=True, chosen=True)
        return LadderPlan(rungs=(_rung("v240", 240), _rung("v360", 360)), trials=(point,))

    async def encode_chunk(
        self,
        source: Source,
        shots: ShotPlan,
        rung: PlannedRung,
        chunk: Chunk,
        *,
        progress: Progress | None = None,
    ) -> ChunkRef:
        name = f"chunk {rung.name} {chunk.start}-{chunk.end} {rung.crf(chunk.index)}"
        await self._once(name, self._pause_s)
        return ChunkRef(
            key=name,
            rung=rung.name,
            index=chunk.index,
            frames=chunk.frames,
            size=1,
            extradata_sha256="e",
        )

    async def assemble(
        self, source: Source, shots: ShotPlan, rung: PlannedRung, chunks: Sequence[ChunkRef]
    ) -> RenditionRef:
        assert [one.index for one in chunks] == list(range(len(shots.chunks)))
        digest = hashlib.sha256(repr([one.key for one in chunks]).encode()).hexdigest()
        made = Rung(
            name=rung.name,
            width=rung.width,
            height=rung.height,
            codec=Codec.H264,
            bitrate_kbps=100,
            peak_kbps=200,
            vmaf=0.0,
            vmaf_model="",
        )
        return RenditionRef(
            key=digest, sha256=digest, rung=made, frames=source.frames, keyframes=(0,), size=1
        )

    async def assess(
        self,
        source: Source,
        shots: ShotPlan,
        rung: PlannedRung,
        rendition: RenditionRef,
        *,
        progress: Progress | None = None,
    ) -> Assessment:
        """The plan of 360p is missed at first."""
        measured = msgspec.structs.replace(rendition.rung, vmaf=90.0, vmaf_model="v")
        missed = rung.name == "v360" and rung.crfs == (30.0,)
        return Assessment(
            rendition=msgspec.structs.replace(rendition, rung=measured),
            vmaf=90.0,
            vmaf_phone=95.0,
            worst_chunk=0,
            worst_vmaf=80.0,
            correction=msgspec.structs.replace(rung, crfs=(28.0,)) if missed else None,
        )

    async def audio(
        self, source: Source, qc: QcReport, *, progress: Progress | None = None
    ) -> tuple[AudioRef, ...]:
        return ()

    async def subtitles(self, source: Source) -> tuple[TextRef, ...]:
        for text in source.text:
            await self._say(f"text {text.language} of {text.key or text.index}")
        return ()

    async def thumbnails(self, source: Source, rendition: RenditionRef) -> ThumbnailSet:
        return ThumbnailSet(
            keys=("t",), width=1, height=1, columns=1, rows=1, interval_ms=1000, count=1
        )

    async def artwork(
        self,
        source: Source,
        shots: ShotPlan,
        renditions: Sequence[RenditionRef],
        *,
        progress: Progress | None = None,
    ) -> ArtworkRefs:
        """Fails while the file `dropped` is there, and finds nothing while `black` is."""
        await self._say("artwork")
        if await asyncio.to_thread((self._folder / "dropped").exists):
            raise EncodingFailed("the pencil broke")
        if await asyncio.to_thread((self._folder / "black").exists):
            return ArtworkRefs()
        return await asyncio.to_thread(self._draw)

    def _draw(self) -> ArtworkRefs:
        names = {"poster": "webp", "landscape": "webp", "billboard": "webp", "preview": "mp4"}
        keys = {name: f"encodes/00/{name}.{suffix}" for name, suffix in names.items()}
        for key in keys.values():
            file = self._folder / "blobs" / key
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(key.encode())
        return ArtworkRefs(**keys, tint="#402010")

    async def package(
        self,
        asset_id: AssetId,
        source: Source,
        renditions: Sequence[RenditionRef],
        audio: Sequence[AudioRef],
        text: Sequence[TextRef],
        keys: Sequence[ContentKey],
        *,
        scheme: str = "",
        thumbnails: ThumbnailSet | None = None,
        progress: Progress | None = None,
    ) -> Package:
        if await asyncio.to_thread((self._folder / "broken").exists):
            raise OSError("the packager is broken")
        digest = hashlib.sha256(repr([one.sha256 for one in renditions]).encode()).hexdigest()
        return Package(
            asset_id=asset_id,
            version=digest[:8],
            prefix=f"assets/{asset_id}/{digest[:8]}",
            duration_ms=source.duration_ms,
            ladder=tuple(one.rung for one in renditions),
            audio=(),
            text=(),
            key_ids={key.label: key.key_id for key in keys},
            scheme="cbcs",
            files={"v240.mp4": digest},
            sizes={"v240.mp4": 1},
        )

    async def verify(
        self, package: Package, keys: Sequence[ContentKey], *, progress: Progress | None = None
    ) -> Verification:
        assert KeyLabel.AUDIO in package.key_ids
        odd = await asyncio.to_thread((self._folder / f"odd-{len(package.ladder)}").exists)
        sentence = "Sound is +144 ms from where the master has it."
        check = Check(name="sync", subject="a-en-2", passed=not odd, sentence=sentence)
        return Verification(passed=not odd, checks=(check,))

    async def forget(self, source: Source) -> None:
        await self._say("forget")

    async def _once(self, name: str, pause_s: float = 0.0) -> None:
        done = self._folder / name.replace(" ", "_")
        if await asyncio.to_thread(done.exists):
            return
        await self._say(f"begin {name}")
        try:
            await asyncio.sleep(pause_s)
        except asyncio.CancelledError:
            await self._say(f"stop {name}")
            raise
        await asyncio.to_thread(done.touch)
        await self._say(f"end {name}")

    async def _say(self, line: str) -> None:
        def write() -> None:
            with (self._folder / "log").open("a") as log:
                log.write(line + "\n")

        await asyncio.to_thread(write)


def _rung(name: str, height: int) -> PlannedRung:
    return PlannedRung(
        name=name, width=height * 16 // 9, height=height, crfs=(30.0,), bitrate_kbps=100
    )


def _shots(source: Source, count: int) -> ShotPlan:
    length = source.frames // count
    chunks = tuple(
        Chunk(index=n, start=n * length, end=(n + 1) * length, keyframes=(n * length,))
        for n in range(count)
    )
    return ShotPlan(chunks=chunks, frame_rate=source.frame_rate, picture_key=source.master_key)
