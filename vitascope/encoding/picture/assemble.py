"""A rung's chunks become one stream, without encoding and without a seam."""

import asyncio
import itertools
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from vitascope.encoding.contract.master import Source, StaticMetadata
from vitascope.encoding.contract.picture import (
    ChunkRef,
    JoinChunks,
    PlannedRung,
    Quality,
    RenditionRef,
    ShotPlan,
)
from vitascope.encoding.contract.request import EncodingFailed, OnProgress
from vitascope.encoding.picture.assess import frame_scores, quality_of
from vitascope.encoding.picture.chunks import static_of
from vitascope.encoding.picture.frames import Size
from vitascope.encoding.picture.light import as_input
from vitascope.encoding.picture.packets import Configuration, Packet, configuration_of, packets_of
from vitascope.encoding.picture.recipes import recipe_of
from vitascope.encoding.picture.vmaf import model_of
from vitascope.encoding.timing import rate_of, seconds, timescale
from vitascope.encoding.workspace import Workspace, sha256_of
from vitascope.engines import media
from vitascope.kernel.media import Rung


class _RenditionRead(msgspec.Struct, frozen=True, kw_only=True):
    chunks: tuple[str, ...]
    frame_rate: str
    tool: str
    static: StaticMetadata | msgspec.UnsetType = msgspec.UNSET  # of HDR alone


async def join_chunks(
    workspace: Workspace, request: JoinChunks, progress: OnProgress | None = None
) -> RenditionRef:
    source, shots, rung = request.source, request.shots, request.rung
    fault = chunks_fault(request.chunks, shots)
    if fault:
        raise EncodingFailed(f"{rung.name}: {fault}")
    read = _RenditionRead(
        chunks=tuple(chunk.key for chunk in request.chunks),
        frame_rate=source.frame_rate,
        tool=await workspace.version(media.Tool.FFMPEG),
        static=static_of(source, rung.format) or msgspec.UNSET,
    )
    name = await workspace.name(source.sha256, "rendition", read)

    async def make() -> RenditionRef:
        async with workspace.folder() as folder:
            await _join(workspace, source, rung, request.chunks, folder)
            return await _keep(workspace, source, shots, rung, folder / "joined.mp4", f"{name}.mp4")

    made = await workspace.once(name, RenditionRef, make)
    quality = await _quality(workspace, request)
    # the same bytes may serve another plan, under another name
    told = msgspec.structs.replace(
        made.rung,
        name=rung.name,
        vmaf=quality and quality.vmaf,
        vmaf_model=quality.model if quality else "",
    )
    return msgspec.structs.replace(
        made,
        rung=told,
        quality=quality,
        vmaf_phone=quality.phone if quality else 0.0,
        planned_vmaf=None if rung.predicted else rung.vmaf,
    )


async def _quality(workspace: Workspace, request: JoinChunks) -> Quality | None:
    if not request.scores:
        return None
    scores = await frame_scores(workspace, request.scores)
    rate = float(rate_of(request.source.frame_rate))
    model = model_of(workspace.settings.vmaf_model, request.rung.format.dynamic_range)
    return quality_of(scores, request.shots, rate, model)


def chunks_fault(chunks: Sequence[ChunkRef], shots: ShotPlan) -> str:
    """Returns why these chunks cannot be joined, as a sentence; empty when they can."""
    planned = [chunk.frames for chunk in shots.chunks]
    if [chunk.frames for chunk in chunks] != planned:
        return f"The chunks have {[chunk.frames for chunk in chunks]} frames, planned: {planned}."
    if len({chunk.extradata_sha256 for chunk in chunks}) > 1:
        return "The chunks' headers differ, so they are not one stream."
    return ""


async def _join(
    workspace: Workspace,
    source: Source,
    rung: PlannedRung,
    chunks: Sequence[ChunkRef],
    folder: Path,
) -> None:
    rate = rate_of(source.frame_rate)
    listing = folder / "list.txt"
    await asyncio.to_thread(listing.write_text, concat_list([c.frames for c in chunks], rate))
    bound = {"list": media.Input(path=listing, trusted=True)}
    for number, chunk in enumerate(chunks):
        path = await workspace.local(chunk.key, folder)
        bound[_bound_as(number)] = media.Input(path=path, trusted=True)
    await workspace.run(
        media.Tool.FFMPEG,
        [
            *as_input(static_of(source, rung.format)),
            *("-f", "concat", "-i", "{in.list}", "-map", "0:v:0", "-c", "copy"),
            *("-video_track_timescale", str(timescale(rate))),
            *("-fflags", "+bitexact", "-map_metadata", "-1", "{out}/joined.mp4"),
        ],
        bound,
        folder,
        frames=source.frames,
    )


def concat_list(frames: Sequence[int], rate: Fraction) -> str:
    """Returns ffmpeg's list of chunks of so many frames. It says how long each lasts: what a chunk
    says of itself is rounded to milliseconds, and adds up. Rounded here are the places of the
    seams."""
    seams = [round(end / rate * 1_000_000) for end in itertools.accumulate(frames, initial=0)]
    lasts = [after - before for before, after in itertools.pairwise(seams)]
    files = [f"file '{_bound_as(n)}'\nduration {us}us\n" for n, us in enumerate(lasts)]
    return "ffconcat version 1.0\n" + "".join(files)


def _bound_as(number: int) -> str:
    return f"c{number:05}"


async def _keep(
    workspace: Workspace, source: Source, shots: ShotPlan, rung: PlannedRung, file: Path, key: str
) -> RenditionRef:
    packets = await packets_of(workspace, file)
    keyframes = tuple(number for number, packet in enumerate(packets) if packet.key)
    planned = tuple(frame for chunk in shots.chunks for frame in chunk.keyframes)
    ticks = timescale(rate_of(source.frame_rate)) / rate_of(source.frame_rate)
    steady = all(packet.pts == number * ticks for number, packet in enumerate(packets))
    if len(packets) != source.frames or keyframes != planned or not steady:
        raise EncodingFailed(
            f"{rung.name}: {len(packets)} of {source.frames} frames were joined, "
            f"with keyframes {'as' if keyframes == planned else 'not as'} planned and "
            f"{'steady' if steady else 'unsteady'} times."
        )
    return RenditionRef(
        key=key,
        sha256=await sha256_of(file),
        rung=_rung(source, rung, packets, keyframes, await configuration_of(workspace, file)),
        frames=len(packets),
        keyframes=keyframes,
        size=await workspace.keep(key, file),
    )


def _rung(
    source: Source,
    rung: PlannedRung,
    packets: Sequence[Packet],
    keyframes: tuple[int, ...],
    configuration: Configuration,
) -> Rung:
    rate = rate_of(source.frame_rate)
    total = sum(packet.size for packet in packets) * 8 / 1000
    size = Size(width=rung.width, height=rung.height)
    return Rung(
        name=rung.name,
        width=rung.width,
        height=rung.height,
        codec=rung.format.codec,
        dynamic_range=rung.format.dynamic_range,
        bitrate_kbps=max(1, round(total / seconds(len(packets), rate))),
        peak_kbps=max(1, round(max(segment_kbps(packets, keyframes, float(rate))))),
        vmaf=None,
        vmaf_model="",
        codec_string=recipe_of(rung.format).codec_string(size, rate, configuration),
        frame_rate=round(float(rate), 3),
        bit_depth=configuration.bit_depth,
    )


def segment_kbps(packets: Sequence[Packet], keyframes: tuple[int, ...], rate: float) -> list[float]:
    """Returns the bitrate of every segment, from one keyframe to the next."""
    ends = [*keyframes[1:], len(packets)]
    return [
        sum(packet.size for packet in packets[begin:end]) * 8 / 1000 / ((end - begin) / rate)
        for begin, end in zip(keyframes, ends, strict=True)
    ]
