"""An encoding that costs nothing: for the order of steps, cancelling and retrying only.

Every call that would cost something writes a line to a log, as the real one runs a tool; outputs
are files named by what went in, and a call whose output is there is done.
"""

import asyncio
import hashlib
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from vitascope.encoding import (
    ArtworkRefs,
    AudioRef,
    AudioSource,
    BuildPackage,
    Check,
    CheckQuality,
    Chunk,
    ChunkRef,
    ChunkScores,
    CompareSound,
    Correction,
    Encode,
    EncodeAudio,
    EncodeChunk,
    EncodingFailed,
    Finding,
    FindingPicture,
    FindShots,
    HullPoint,
    Inspect,
    Inspection,
    InspectSound,
    JoinChunks,
    LadderPlan,
    MakeArtwork,
    MakeSubtitles,
    MakeThumbnails,
    MeasureChunk,
    OnProgress,
    OpenedPackage,
    OpenPackage,
    Package,
    PictureFindings,
    PlanCorrections,
    PlanLadder,
    PlannedRung,
    PlanQuick,
    PlanTrials,
    Programme,
    QcReport,
    QuickPlan,
    RenditionRef,
    Request,
    RunTrial,
    Severity,
    ShotPlan,
    SoundInspection,
    SoundLag,
    Source,
    Still,
    TextRef,
    TextSource,
    ThumbnailSet,
    Trial,
    TrialPoint,
    TrialResult,
    Verification,
    VerifyPackage,
)
from vitascope.engines.blobs import BlobNotFound
from vitascope.kernel.media import (
    H264_SDR,
    AudioTrack,
    Codec,
    Format,
    KeyLabel,
    Language,
    Rung,
    TextTrack,
)

T = TypeVar("T")

CHUNKS = 3
MISSED = (0, 2)  # chunks that are worth less in 360p than was planned

ODD_CUE = Finding(
    code="subtitle-cut", severity=Severity.WARNING, sentence="A cue is cut.", from_ms=1, until_ms=2
)


BLACK = Finding(
    code="black",
    severity=Severity.WARNING,
    sentence="The picture is black for 3.0 s.",
    from_ms=1000,
    until_ms=4000,
)


FROZEN = Finding(
    code="freeze",
    severity=Severity.NOTE,
    sentence="The picture does not change for 2.0 s.",
    from_ms=2000,
    until_ms=4000,
)


class FakeEncoding:
    """`pause_s` is how long a chunk takes. While the file `broken` is there, packaging fails;
    while `dark` is, masters have three seconds of black; while `scratched` is, masters and sound
    are damaged; while `gone` is, no master is there; while `late` is, new sound is out of step;
    while `odd-2` is, packages of two rungs are not as they should be; while `settled` is, the first
    trials tell enough. What has the words of the file `hold` in its name does not end while that is
    there."""

    def __init__(self, folder: Path, *, pause_s: float = 0.0) -> None:
        self._folder = folder
        self._pause_s = pause_s

    async def run(self, request: Request[T], progress: OnProgress | None = None) -> T:
        name = re.sub("([A-Z])", r"_\1", type(request).__name__).lower()
        done: T = await getattr(self, name)(request, progress)
        return done

    async def _inspect(self, request: Inspect, progress: OnProgress | None) -> Inspection:
        if request.file_name == "notes.txt":
            sentence = "This is a text file. Send a film."
            finding = Finding(code="no-video", severity=Severity.REFUSAL, sentence=sentence)
            return Inspection(findings=(finding,), source=None)
        if await asyncio.to_thread((self._folder / "gone").exists):
            raise BlobNotFound(f"There is no object {request.master_key}.")
        source = Source(
            master_key=request.master_key,
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

    async def _check_quality(self, request: CheckQuality, progress: OnProgress | None) -> QcReport:
        if progress is not None:
            progress(0.5)
        if await asyncio.to_thread((self._folder / "scratched").exists):
            sentence = "The film is damaged about 3.0 s in. Export it again."
            finding = Finding(code="damaged", severity=Severity.REFUSAL, sentence=sentence)
            return QcReport(findings=(finding,))
        if await asyncio.to_thread((self._folder / "dark").exists):
            return QcReport(findings=(BLACK, FROZEN))
        return QcReport()

    async def _picture_findings(
        self, request: PictureFindings, progress: OnProgress | None
    ) -> tuple[FindingPicture, ...]:
        """Fails while the file `dropped` is there."""
        if await asyncio.to_thread((self._folder / "dropped").exists):
            raise EncodingFailed("the pencil broke")
        made = []
        for at_ms in request.at_ms:
            key = f"encodes/00/finding-{at_ms}.webp"
            file = self._folder / "blobs" / key
            await asyncio.to_thread(file.parent.mkdir, parents=True, exist_ok=True)
            await asyncio.to_thread(file.write_bytes, key.encode())
            made.append(FindingPicture(key=key, at_ms=at_ms))
        return tuple(made)

    async def _plan_quick(self, request: PlanQuick, progress: OnProgress | None) -> QuickPlan:
        ladder = LadderPlan(rungs=(_rung(240),))
        return QuickPlan(shots=_shots(request.source, 1), ladder=ladder)

    async def _find_shots(self, request: FindShots, progress: OnProgress | None) -> ShotPlan:
        return _shots(request.source, CHUNKS)

    async def _plan_trials(
        self, request: PlanTrials, progress: OnProgress | None
    ) -> tuple[Trial, ...]:
        formats = request.formats or (H264_SDR,)
        if not request.known:
            wide = [(format, height) for format in formats for height in (240, 360)]
            return tuple(_trial(request.shots, 0, height, 30, format) for format, height in wide)
        if await asyncio.to_thread((self._folder / "settled").exists):
            return ()
        tried = {(point.height, point.crf) for one in request.known for point in one.points}
        assert tried == {(240, 30), (360, 30)}
        return tuple(_trial(request.shots, 1, 360, 28, format) for format in formats)

    async def _run_trial(self, request: RunTrial, progress: OnProgress | None) -> TrialResult:
        await self._once(f"trial {request.trial.name}")
        points = tuple(
            TrialPoint(height=one.height, crf=one.crf, key_bytes=1.0, frame_bytes=1.0, vmaf=90.0)
            for one in request.trial.encodes
        )
        sample = request.trial.sample
        return TrialResult(
            chunk=sample.index,
            complexity=sample.complexity,
            points=points,
            vmaf_model="v",
            format=request.trial.format,
        )

    async def _plan_ladder(self, request: PlanLadder, progress: OnProgress | None) -> LadderPlan:
        point = HullPoint(height=240, crf=30, bitrate_kbps=100, vmaf=90, on_hull=True, chosen=True)
        formats = dict.fromkeys(result.format for result in request.results)
        rungs = [_rung(height, format) for format in formats for height in (240, 360)]
        return LadderPlan(rungs=tuple(rungs), trials=(point,))

    async def _encode_chunk(
        self, request: EncodeChunk, progress: OnProgress | None
    ) -> tuple[ChunkRef, ...]:
        chunk = request.chunk
        kind = "" if request.format == H264_SDR else f"-{request.format.name}"
        names = [
            f"chunk v{one.height}{kind} {chunk.start}-{chunk.end} {one.crf}"
            for one in request.encodes
        ]
        await self._once(*names, pause_s=self._pause_s)
        return tuple(
            ChunkRef(key=name, frames=chunk.frames, size=1, extradata_sha256="e") for name in names
        )

    async def _measure_chunk(
        self, request: MeasureChunk, progress: OnProgress | None
    ) -> tuple[ChunkScores, ...]:
        """Chunks that are `MISSED` are worth less in 360p, until they are encoded finer."""
        kind = "measure roughly" if request.rough else "measure"
        names = [f"{kind} {ref.key.removeprefix('chunk ')}" for ref in request.refs]
        await self._once(*names)
        low = [
            name.split()[-3] == "v360"
            and request.chunk.index in MISSED
            and float(name.split()[-1]) == 30
            for name in names
        ]
        return tuple(
            ChunkScores(key=name, scored=1, vmaf=84.0 if missed else 90.0)
            for name, missed in zip(names, low, strict=True)
        )

    async def _plan_corrections(
        self, request: PlanCorrections, progress: OnProgress | None
    ) -> tuple[Correction, ...]:
        found = []
        for rung, scores in zip(request.rungs, request.scores, strict=True):
            assert len(scores) == len(request.shots.chunks)
            low = tuple(n for n, vmaf in enumerate(scores) if vmaf < 90)
            crfs = tuple(28.0 if n in low else rung.crf(n) for n in range(len(scores)))
            if low:
                better = msgspec.structs.replace(rung, crfs=crfs)
                found.append(Correction(rung=better, chunks=low))
        return tuple(found)

    async def _join_chunks(self, request: JoinChunks, progress: OnProgress | None) -> RenditionRef:
        rung, chunks = request.rung, request.shots.chunks
        keys = [one.key.removeprefix("chunk ") for one in request.chunks]
        assert keys == [f"{rung.name} {c.start}-{c.end} {rung.crf(c.index)}" for c in chunks]
        assert [" ".join(one.key.split()[-3:]) for one in request.scores] == keys
        digest = hashlib.sha256(repr(keys).encode()).hexdigest()
        made = Rung(
            name=rung.name,
            width=rung.width,
            height=rung.height,
            codec=rung.format.codec,
            bitrate_kbps=100,
            peak_kbps=200,
            vmaf=sum(one.vmaf for one in request.scores) / len(chunks),
            vmaf_model="v",
        )
        return RenditionRef(
            key=digest,
            sha256=digest,
            rung=made,
            frames=request.source.frames,
            keyframes=(0,),
            size=1,
            vmaf_phone=95.0,
        )

    async def _encode_audio(
        self, request: EncodeAudio, progress: OnProgress | None
    ) -> tuple[AudioRef, ...]:
        sound = request.sound
        refs = []
        for stream in sound.streams:
            await self._once(f"sound {stream.language} of {sound.sha256}")
            track = AudioTrack(
                name=f"a-{stream.language}-2",
                language=stream.language,
                channels=2,
                codec=Codec.AAC,
                bitrate_kbps=128,
                descriptive=stream.descriptive,
                commentary=stream.commentary,
                label=stream.label,
            )
            key = f"{stream.language} of {sound.sha256}"
            refs.append(_sound(track, key))
        return tuple(refs)

    async def _inspect_sound(
        self, request: InspectSound, progress: OnProgress | None
    ) -> SoundInspection:
        if await asyncio.to_thread((self._folder / "scratched").exists):
            sentence = "The sound is damaged about 3.0 s in. Export it again."
            finding = Finding(code="damaged", severity=Severity.REFUSAL, sentence=sentence)
            return SoundInspection(findings=(finding,))
        stream = AudioSource(
            index=0,
            language=request.language,
            channels=2,
            sample_rate=48_000,
            codec="flac",
            descriptive=request.descriptive,
        )
        digest = hashlib.sha256(request.key.encode()).hexdigest()
        return SoundInspection(findings=(), stream=stream, sha256=digest, format="flac")

    async def _compare_sound(self, request: CompareSound, progress: OnProgress | None) -> SoundLag:
        await self._say(f"compare with {request.beside.track.language}")
        late = await asyncio.to_thread((self._folder / "late").exists)
        return SoundLag(lag_ms=144.0 if late else 0.0, allowed_ms=40.0)

    async def _make_subtitles(
        self, request: MakeSubtitles, progress: OnProgress | None
    ) -> tuple[TextRef, ...]:
        for text in request.text:
            await self._say(f"text {text.language} of {text.key or text.index}")
        return tuple(
            TextRef(
                key=str(text.key),
                sha256=str(text.key),
                track=TextTrack(
                    name=f"t-{text.language}",
                    language=text.language,
                    forced=text.forced,
                    closed_captions=text.closed_captions,
                ),
                cues=1,
                findings=(ODD_CUE,) if text.key.endswith("odd") else (),
            )
            for text in request.text
            if text.key
        )

    async def _make_thumbnails(
        self, request: MakeThumbnails, progress: OnProgress | None
    ) -> ThumbnailSet:
        return ThumbnailSet(
            keys=("t",), width=1, height=1, columns=1, rows=1, interval_ms=1000, count=1
        )

    async def _make_artwork(self, request: MakeArtwork, progress: OnProgress | None) -> ArtworkRefs:
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
        stills = []
        for n in range(2):
            pair = [f"encodes/00/still-{n}{kind}.webp" for kind in ("", "-small")]
            for key in pair:
                (self._folder / "blobs" / key).write_bytes(key.encode())
            at_ms = 1000 * (n + 1)
            stills.append(Still(key=pair[0], small_key=pair[1], at_ms=at_ms, width=640, height=360))
        return msgspec.structs.replace(ArtworkRefs(tint="#402010", stills=tuple(stills)), **keys)

    async def _build_package(self, request: BuildPackage, progress: OnProgress | None) -> Package:
        await self._until_released(f"package {request.asset_id}")
        if await asyncio.to_thread((self._folder / "broken").exists):
            raise OSError("the packager is broken")
        shas = [one.sha256 for one in request.renditions]
        shas += [one.sha256 for one in request.audio]
        shas += [one.sha256 for one in request.text]
        shas += [request.scheme or "", *sorted(key.key_id for key in request.keys)]
        digest = hashlib.sha256(repr(shas).encode()).hexdigest()
        return Package(
            asset_id=request.asset_id,
            version=digest[:8],
            prefix=f"assets/{request.asset_id}/{digest[:8]}",
            duration_ms=request.programme.duration_ms,
            ladder=tuple(one.rung for one in request.renditions),
            audio=tuple(one.track for one in request.audio),
            text=tuple(one.track for one in request.text),
            key_ids={key.label: key.key_id for key in request.keys},
            scheme=request.scheme or "cbcs",
            files={"v240.mp4": digest},
            sizes={"v240.mp4": 1},
        )

    async def _open_package(
        self, request: OpenPackage, progress: OnProgress | None
    ) -> OpenedPackage:
        await self._say("open")
        await asyncio.sleep(self._pause_s)
        renditions = tuple(
            RenditionRef(
                key=rung.name, sha256=rung.name, rung=rung, frames=150, keyframes=(0,), size=1
            )
            for rung in request.ladder
        )
        text = tuple(
            TextRef(key=track.name, sha256=track.name, track=track, cues=1)
            for track in request.text
        )
        programme = Programme("00", 150, "25", request.duration_ms)
        return OpenedPackage(
            programme=programme,
            renditions=renditions,
            audio=tuple(_sound(track, track.name) for track in request.audio),
            text=text,
        )

    async def _verify_package(
        self, request: VerifyPackage, progress: OnProgress | None
    ) -> Verification:
        package = request.package
        assert (KeyLabel.AUDIO in package.key_ids) is (package.scheme != "none")
        odd = await asyncio.to_thread((self._folder / f"odd-{len(package.ladder)}").exists)
        sentence = "Sound is +144 ms from where it was delivered."
        check = Check(name="sync", subject="a-en-2", passed=not odd, sentence=sentence)
        return Verification(passed=not odd, checks=(check,))

    async def sweep(self, before_ms: int, keep: Collection[str] = ()) -> int:
        await self._say("sweep")
        return 0

    async def _once(self, *names: str, pause_s: float = 0.0) -> None:
        """Do what is not done, all at once."""
        missing = await asyncio.to_thread(self._missing, names)
        if not missing:
            return
        for name in missing:
            await self._say(f"begin {name}")
        try:
            await asyncio.sleep(pause_s)
            for name in missing:
                await self._until_released(name)
        except asyncio.CancelledError:
            for name in missing:
                await self._say(f"stop {name}")
            raise
        for name in missing:
            await asyncio.to_thread(self._done(name).touch)
            await self._say(f"end {name}")

    def _missing(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if not self._done(name).exists()]

    def _done(self, name: str) -> Path:
        return self._folder / name.replace(" ", "_")

    async def _until_released(self, name: str) -> None:
        while await asyncio.to_thread(self._is_held, name):
            await asyncio.sleep(0.02)

    def _is_held(self, name: str) -> bool:
        try:
            return (self._folder / "hold").read_text() in name
        except FileNotFoundError:
            return False

    async def _say(self, line: str) -> None:
        def write() -> None:
            with (self._folder / "log").open("a") as log:
                log.write(line + "\n")

        await asyncio.to_thread(write)


def _sound(track: AudioTrack, key: str) -> AudioRef:
    return AudioRef(key=key, sha256=key, track=track, duration_ms=6000, size=1)


def _trial(
    shots: ShotPlan, index: int, height: int, crf: float, format: Format = H264_SDR
) -> Trial:
    kind = "" if format == H264_SDR else f"{format.name} "
    return Trial(
        format=format,
        name=f"{height}p {kind}crf {crf}",
        sample=shots.chunks[index],
        encodes=(Encode(width=height * 16 // 9, height=height, crf=crf),),
    )


def _rung(height: int, format: Format = H264_SDR) -> PlannedRung:
    return PlannedRung(
        name=f"v{height}" if format == H264_SDR else f"v{height}-{format.name}",
        width=height * 16 // 9,
        height=height,
        crfs=(30.0,),
        bitrate_kbps=100,
        format=format,
    )


def _shots(source: Source, count: int) -> ShotPlan:
    length = source.frames // count
    chunks = tuple(
        Chunk(index=n, start=n * length, end=(n + 1) * length, keyframes=(n * length,))
        for n in range(count)
    )
    return ShotPlan(chunks=chunks, frame_rate=source.frame_rate, picture_key=source.master_key)
