"""One chunk, in all rungs of a format.

It is decoded once, and scaled once for each size. Keyframes are forced where the plan says and
nowhere else, and the frames are cut by number. What came out is counted before it is believed. How
a format is encoded stands in its recipe.
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from vitascope.encoding.contract.master import Source, StaticMetadata
from vitascope.encoding.contract.picture import Chunk, ChunkRef, Encode, EncodeChunk, Picture
from vitascope.encoding.contract.request import EncodingFailed, OnProgress
from vitascope.encoding.picture.colours import NO_STATIC
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
from vitascope.encoding.picture.smaller import FILTERS, READER, tried_smaller
from vitascope.encoding.picture.spans import in_range
from vitascope.encoding.timing import rate_of
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media
from vitascope.kernel.media import DynamicRange, Format

_MOST_PIXELS = 8 * 1920 * 1080  # of all encoders of one run


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
    static: StaticMetadata | msgspec.UnsetType = msgspec.UNSET  # of HDR alone


def keyframe_times(keyframes: tuple[int, ...], rate: Fraction) -> str:
    """Returns the value of -force_key_frames: a quarter of a frame early, so that rounding never
    makes it late."""
    return ",".join(
        f"{max(0.0, float((frame - Fraction(1, 4)) / rate)):.6f}" for frame in keyframes
    )


async def encode_chunk(
    workspace: Workspace, request: EncodeChunk, progress: OnProgress | None = None
) -> tuple[ChunkRef, ...]:
    """What was encoded before is not encoded again, each encode by itself."""
    picture, chunk = await in_range(
        workspace,
        request.source,
        request.picture,
        request.chunk,
        request.format.dynamic_range,
    )
    request = msgspec.structs.replace(request, picture=picture, chunk=chunk)
    names = [await _name(workspace, request, encode) for encode in request.encodes]
    known = {name: await workspace.made(name, ChunkRef) for name in names}
    missing = {n: e for n, e in zip(names, request.encodes, strict=True) if known[n] is None}
    if missing:
        async with workspace.folder() as folder:
            files = await encode_at(
                workspace,
                request.source,
                request.picture,
                request.chunk,
                request.format,
                tuple(missing.values()),
                folder,
                progress,
                small=request.small,
            )
            for (name, encode), file in zip(missing.items(), files, strict=True):
                known[name] = await _keep(workspace, name, file, request.chunk, encode)
    return tuple(ref for name in names if (ref := known[name]) is not None)


async def _name(workspace: Workspace, request: EncodeChunk, encode: Encode) -> str:
    recipe, chunk = recipe_of(request.format), request.chunk
    read = _ChunkRead(
        frames=frames_read(request.source, request.picture),
        start=chunk.start,
        end=chunk.end,
        keyframes=chunk.keyframes,
        format=request.format,
        size=Size(width=encode.width, height=encode.height),
        crf=encode.crf,
        max_kbps=encode.max_kbps,
        parameters=recipe.parameters(workspace.settings),
        tool=await workspace.encoder_version(recipe.encoder),
        static=static_of(request.source, request.format) or msgspec.UNSET,
    )
    return await workspace.name(request.source.sha256, "chunk", read)


def static_of(source: Source, format: Format) -> StaticMetadata | None:
    """Returns what the master says of its HDR, where the format keeps it."""
    return None if format.dynamic_range is DynamicRange.SDR else source.static


async def encode_at(
    workspace: Workspace,
    source: Source,
    picture: Picture,
    chunk: Chunk,
    format: Format,
    encodes: Sequence[Encode],
    folder: Path,
    progress: OnProgress | None = None,
    *,
    small: bool = False,
) -> list[Path]:
    """Returns files in `folder`, one for each of the encodes."""
    files = [folder / f"chunk{number}.mp4" for number in range(len(encodes))]

    async def run(small: bool) -> list[Path]:
        async with workspace.part(picture.key, chunk.spans) as file:
            given = {"picture": media.Input(path=file, trusted=picture.mezzanine)}
            for some in [[n] for n in range(len(encodes))] if small else together(encodes):
                asked = [(encodes[number], files[number].name) for number in some]
                args = _arguments(workspace, source, picture, chunk, format, asked)
                await workspace.run(
                    media.Tool.FFMPEG,
                    [*FILTERS, *READER, *args] if small else args,
                    given,
                    folder,
                    frames=chunk.frames * len(some),
                    progress=progress,
                    stall_s=workspace.settings.stall_s,
                )
        return files

    done = f"encoded in {format.name}"
    return await tried_smaller(run, source, chunk, done, small=small)


def together(encodes: Sequence[Encode]) -> list[list[int]]:
    """Returns which encodes are made by one run: their places, in order. Each encoder holds the
    frames that it looks ahead, so as many are as memory allows."""
    groups: list[list[int]] = []
    pixels = 0
    for number, encode in enumerate(encodes):
        pixels += encode.width * encode.height
        if not groups or pixels > _MOST_PIXELS:
            groups.append([])
            pixels = encode.width * encode.height
        groups[-1].append(number)
    return groups


def _arguments(
    workspace: Workspace,
    source: Source,
    picture: Picture,
    chunk: Chunk,
    format: Format,
    asked: Sequence[tuple[Encode, str]],
) -> list[str]:
    settings, rate, recipe = workspace.settings, rate_of(source.frame_rate), recipe_of(format)
    reading, numbered = read_args(source, picture, chunk.start, chunk.frames)
    read = f"[{stream_of(source, picture)}]{numbered}"
    graph, labels = _graph(
        source, read, [encode for encode, _ in asked], recipe.bit_depth(settings), format
    )
    static = static_of(source, format) or StaticMetadata()
    forced = keyframe_times(tuple(frame - chunk.start for frame in chunk.keyframes), rate)
    args = [*reading, "-filter_complex", graph]
    for label, (encode, name) in zip(labels, asked, strict=True):
        size = Size(width=encode.width, height=encode.height)
        args += [
            *("-map", label, "-an", "-fps_mode", "passthrough", "-map_metadata", "-1"),
            *recipe.arguments(
                size, rate, encode.crf, settings, max_kbps=encode.max_kbps, static=static
            ),
            *("-force_key_frames", forced, "-fflags", "+bitexact", "-flags:v", "+bitexact"),
            f"{{out}}/{name}",
        ]
    return args


def _graph(
    source: Source, read: str, encodes: Sequence[Encode], bits: int, format: Format
) -> tuple[str, list[str]]:
    """Returns filters that scale what is `read` once to each size, and the names of what comes out,
    one for each of the encodes."""
    sizes: dict[Size, list[int]] = {}
    for number, encode in enumerate(encodes):
        size = Size(width=encode.width, height=encode.height)
        sizes.setdefault(size, []).append(number)
    split = "".join(f"[s{number}]" for number in range(len(sizes)))
    ranged = format.dynamic_range
    plain = NO_STATIC if ranged is DynamicRange.SDR else "sidedata=mode=delete"
    chains = [f"{read},{plain},split={len(sizes)}{split}"]
    for number, (size, users) in enumerate(sizes.items()):
        outputs = "".join(f"[v{user}]" for user in users)
        chains.append(
            f"[s{number}]{shaped(source, size, bits, ranged)},split={len(users)}{outputs}"
        )
    return ";".join(chains), [f"[v{number}]" for number in range(len(encodes))]


async def _keep(
    workspace: Workspace, name: str, file: Path, chunk: Chunk, encode: Encode
) -> ChunkRef:
    packets = await packets_of(workspace, file)
    fault = chunk_fault(packets, chunk)
    if fault:
        raise EncodingFailed(f"{encode.height} lines, chunk {chunk.index}: {fault}")
    configuration = await configuration_of(workspace, file)
    key = f"{name}.mp4"
    ref = ChunkRef(
        key=key,
        frames=len(packets),
        size=await workspace.keep(key, file),
        extradata_sha256=configuration.extradata_sha256,
    )
    await workspace.note(name, ref)
    return ref


def chunk_fault(packets: list[Packet], chunk: Chunk) -> str:
    """Returns what is not as planned, as a sentence; empty when all is."""
    keyframes = tuple(chunk.start + n for n, packet in enumerate(packets) if packet.key)
    if len(packets) != chunk.frames:
        return f"{len(packets)} frames came out, {chunk.frames} were planned."
    if keyframes != chunk.keyframes:
        return f"Keyframes are at {keyframes}, planned were {chunk.keyframes}."
    return f"It begins at {packets[0].pts}, not at 0." if packets[0].pts != 0 else ""
