"""The steps of encoding that are about pictures, as `FakeEncoding` does them."""

import asyncio
import hashlib
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import msgspec

from vitascope.encoding import (
    Chunk,
    ChunkRef,
    ChunkScores,
    Correction,
    Encode,
    EncodeChunk,
    FindShots,
    HullPoint,
    JoinChunks,
    LadderPlan,
    MeasureChunk,
    OnProgress,
    PlaceFailed,
    PlanCorrections,
    PlanLadder,
    PlannedRung,
    PlanQuick,
    PlanTrials,
    QuickPlan,
    RenditionRef,
    RunTrial,
    ShotPlan,
    Source,
    Trial,
    TrialPoint,
    TrialResult,
)
from vitascope.kernel.media import (
    H264_SDR,
    Format,
    Rung,
)

CHUNKS = 3
MISSED = (0, 2)  # chunks that are worth less in 360p than was planned


class FakePictures:
    """Writes down what it does, see `FakeEncoding`."""

    def __init__(self, folder: Path, *, pause_s: float = 0.0) -> None:
        self._folder = folder
        self._pause_s = pause_s

    async def _plan_quick(self, request: PlanQuick, progress: OnProgress | None) -> QuickPlan:
        ladder = LadderPlan(rungs=(_rung(240),))
        return QuickPlan(shots=_shots(request.source, 1), ladder=ladder)

    async def _find_shots(self, request: FindShots, progress: OnProgress | None) -> ShotPlan:
        return _shots(request.source, await self._chunks())

    async def _chunks(self) -> int:
        """While the file `long` is there, a film has as many chunks as it says."""
        try:
            return int(await asyncio.to_thread((self._folder / "long").read_text))
        except FileNotFoundError:
            return CHUNKS

    async def _plan_trials(
        self, request: PlanTrials, progress: OnProgress | None
    ) -> tuple[Trial, ...]:
        formats = request.formats or (H264_SDR,)
        if request.effort == "fast":
            return ()
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
        if not formats:
            assert request.effort == "fast", "nothing was tried"
            formats = dict.fromkeys(request.formats or (H264_SDR,))
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
        await self._poisoned(request)
        await self._once(*names, pause_s=self._pause_s)
        return tuple(
            ChunkRef(key=name, frames=chunk.frames, size=1, extradata_sha256="e") for name in names
        )

    async def _poisoned(self, request: EncodeChunk) -> None:
        """While the file `poison` is there, chunks of the frames that it names fail, or kill."""
        try:
            text = await asyncio.to_thread((self._folder / "poison").read_text)
        except FileNotFoundError:
            return
        does, frames = text.split()
        if frames != f"{request.chunk.start}-{request.chunk.end}":
            return
        await self._say(f"poison {'small' if request.small else 'whole'}")
        if does == "kills":
            os.kill(os.getpid(), signal.SIGKILL)
        raise PlaceFailed("The picture from 0:02 to 0:04 can't be encoded.")

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
            dynamic_range=rung.format.dynamic_range,
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
