"""One chunk of one rung.

Keyframes are forced where the plan says and nowhere else, and the frames are cut by number. What
came out is counted before it is believed. How a format is encoded stands in its recipe.
"""

from fractions import Fraction
from pathlib import Path

import msgspec

from vitascope.encoding.contract.picture import Chunk, ChunkRef, EncodeChunk
from vitascope.encoding.contract.request import EncodingFailed, OnProgress
from vitascope.encoding.picture.frames import (
    FramesRead,
    Size,
    frames_read,
    read_args,
    shaped,
    stream_of,
)
from vitascope.encoding.picture.packets import Packet, configuration_of, packets_of
from vitascope.encoding.picture.recipes import recipe_of
from vitascope.encoding.timing import rate_of
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media
from vitascope.kernel.media import Format


class _ChunkRead(msgspec.Struct, frozen=True, kw_only=True):
    frames: FramesRead
    start: int
    end: int
    keyframes: tuple[int, ...]
    format: Format
    size: Size
    crf: float
    max_kbps: int
    parameters: msgspec.Struct
    tool: str


def keyframe_times(keyframes: tuple[int, ...], rate: Fraction) -> str:
    """Returns the value of -force_key_frames: a quarter of a frame early, so that rounding never
    makes it late."""
    return ",".join(
        f"{max(0.0, float((frame - Fraction(1, 4)) / rate)):.6f}" for frame in keyframes
    )


async def encode_chunk(
    workspace: Workspace, request: EncodeChunk, progress: OnProgress | None = None
) -> ChunkRef:
    recipe, chunk = recipe_of(request.format), request.chunk
    read = _ChunkRead(
        frames=frames_read(request.source, request.picture),
        start=chunk.start,
        end=chunk.end,
        keyframes=chunk.keyframes,
        format=request.format,
        size=_size(request),
        crf=request.crf,
        max_kbps=request.max_kbps,
        parameters=recipe.parameters(workspace.settings),
        tool=await workspace.encoder_version(recipe.encoder),
    )
    name = await workspace.name(request.source.sha256, "chunk", read)

    async def make() -> ChunkRef:
        async with workspace.folder() as folder:
            await _encode(workspace, request, folder, progress)
            return await _keep(workspace, folder / "chunk.mp4", f"{name}.mp4", request)

    return await workspace.once(name, ChunkRef, make)


async def _encode(
    workspace: Workspace, request: EncodeChunk, folder: Path, progress: OnProgress | None
) -> None:
    source, picture, chunk, size = request.source, request.picture, request.chunk, _size(request)
    rate = rate_of(source.frame_rate)
    reading, numbered = read_args(source, picture, chunk.start, chunk.frames)
    forced = keyframe_times(tuple(frame - chunk.start for frame in chunk.keyframes), rate)
    recipe = recipe_of(request.format)
    encoding = recipe.arguments(
        size, rate, request.crf, workspace.settings, max_kbps=request.max_kbps
    )
    shape = shaped(source, size, recipe.bit_depth(workspace.settings))
    args = [
        *reading,
        "-filter_complex",
        f"[{stream_of(source, picture)}]{numbered},{shape}[v]",
        *("-map", "[v]", "-an", "-fps_mode", "passthrough", "-map_metadata", "-1"),
        *encoding,
        *("-force_key_frames", forced, "-fflags", "+bitexact", "-flags:v", "+bitexact"),
        "{out}/chunk.mp4",
    ]
    async with workspace.part(picture.key, chunk.spans) as file:
        await workspace.run(
            media.Tool.FFMPEG,
            args,
            {"picture": media.Input(path=file, trusted=picture.mezzanine)},
            folder,
            frames=chunk.frames,
            progress=progress,
        )


async def _keep(workspace: Workspace, file: Path, key: str, request: EncodeChunk) -> ChunkRef:
    packets = await packets_of(workspace, file)
    fault = chunk_fault(packets, request.chunk)
    if fault:
        raise EncodingFailed(f"{request.height} lines, chunk {request.chunk.index}: {fault}")
    configuration = await configuration_of(workspace, file)
    return ChunkRef(
        key=key,
        frames=len(packets),
        size=await workspace.keep(key, file),
        extradata_sha256=configuration.extradata_sha256,
    )


def _size(request: EncodeChunk) -> Size:
    return Size(width=request.width, height=request.height)


def chunk_fault(packets: list[Packet], chunk: Chunk) -> str:
    """Returns what is not as planned, as a sentence; empty when all is."""
    keyframes = tuple(chunk.start + n for n, packet in enumerate(packets) if packet.key)
    if len(packets) != chunk.frames:
        return f"{len(packets)} frames came out, {chunk.frames} were planned."
    if keyframes != chunk.keyframes:
        return f"Keyframes are at {keyframes}, planned were {chunk.keyframes}."
    return f"It begins at {packets[0].pts}, not at 0." if packets[0].pts != 0 else ""
