"""One chunk of one rung.

`stitchable` keeps x264 from writing what differs by quality into the stream's headers, keyframes
are forced where the plan says and nowhere else, and the frames are cut by number. What came out
is counted before it is believed.
"""

from fractions import Fraction
from pathlib import Path

from vitascope.encoding.contract.encoding import EncodingFailed, Progress
from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import Chunk, ChunkRef, PlannedRung, ShotPlan
from vitascope.encoding.picture.frames import Size, picture_of, read_args, shaped, stream_of
from vitascope.encoding.picture.packets import Packet, configuration_of, packets_of
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.timing import rate_of, timescale
from vitascope.encoding.workbench import Workbench
from vitascope.engines import media

# level: macroblocks a second, macroblocks a frame (H.264, table A-1)
_LEVELS = {
    "3.0": (40_500, 1_620),
    "3.1": (108_000, 3_600),
    "3.2": (216_000, 5_120),
    "4.0": (245_760, 8_192),
    "4.2": (522_240, 8_704),
    "5.1": (983_040, 36_864),
    "5.2": (2_073_600, 36_864),
}


def level_of(size: Size, rate: Fraction) -> str:
    """The lowest H.264 level that carries this size at this rate. Named, not left to x264, so
    that every chunk of a rung says the same."""
    blocks = -(-size.width // 16) * -(-size.height // 16)
    fits = (
        level
        for level, (speed, most) in _LEVELS.items()
        if blocks <= most and blocks * rate <= speed
    )
    return next(fits, "5.2")


def encoder_args(
    size: Size, rate: Fraction, crf: float, settings: EncodingSettings, *, max_kbps: int = 0
) -> list[str]:
    params = f"stitchable=1:keyint=infinite:scenecut=0:open-gop=0:threads={settings.threads}"
    cap = ["-maxrate", f"{max_kbps}k", "-bufsize", f"{2 * max_kbps}k"] if max_kbps else []
    return [
        *("-c:v", "libx264", "-preset", settings.preset, "-crf", f"{crf:.2f}"),
        *("-profile:v", "high", "-level", level_of(size, rate), *cap),
        *("-x264-params", params, "-video_track_timescale", str(timescale(rate))),
    ]


def keyframe_times(keyframes: tuple[int, ...], rate: Fraction) -> str:
    """For -force_key_frames: a quarter of a frame early, so that rounding never makes it late."""
    return ",".join(
        f"{max(0.0, float((frame - Fraction(1, 4)) / rate)):.6f}" for frame in keyframes
    )


async def encode_chunk(
    bench: Workbench,
    source: Source,
    shots: ShotPlan,
    rung: PlannedRung,
    chunk: Chunk,
    progress: Progress | None = None,
) -> ChunkRef:
    settings = bench.settings
    frames = (shots.picture_key, chunk.start, chunk.end, chunk.keyframes)
    recipe = (rung.width, rung.height, rung.crf(chunk.index), rung.max_kbps)
    name = await bench.name(source, "chunk", frames, recipe, settings.preset, settings.threads)

    async def make() -> ChunkRef:
        async with bench.folder() as folder:
            await _encode(bench, source, shots, rung, chunk, folder, progress)
            return await _keep(bench, folder / "chunk.mp4", f"{name}.mp4", rung, chunk)

    made = await bench.once(name, ChunkRef, make)
    # the same bytes may serve another plan, under another name
    return ChunkRef(
        key=made.key,
        rung=rung.name,
        index=chunk.index,
        frames=made.frames,
        size=made.size,
        extradata_sha256=made.extradata_sha256,
    )


async def _encode(
    bench: Workbench,
    source: Source,
    shots: ShotPlan,
    rung: PlannedRung,
    chunk: Chunk,
    folder: Path,
    progress: Progress | None,
) -> None:
    rate, picture = rate_of(source.frame_rate), picture_of(shots)
    size = Size(width=rung.width, height=rung.height)
    reading, numbered = read_args(source, picture, chunk.start, chunk.frames)
    forced = keyframe_times(tuple(frame - chunk.start for frame in chunk.keyframes), rate)
    crf = rung.crf(chunk.index)
    args = [
        *reading,
        "-filter_complex",
        f"[{stream_of(source, picture)}]{numbered},{shaped(source, size)}[v]",
        *("-map", "[v]", "-an", "-fps_mode", "passthrough", "-map_metadata", "-1"),
        *encoder_args(size, rate, crf, bench.settings, max_kbps=rung.max_kbps),
        *("-force_key_frames", forced, "-fflags", "+bitexact", "-flags:v", "+bitexact"),
        "{out}/chunk.mp4",
    ]
    local = await bench.local(picture.key, folder)
    await bench.run(
        media.Tool.FFMPEG,
        args,
        {"picture": media.Input(path=local, trusted=picture.mezzanine)},
        folder,
        frames=chunk.frames,
        progress=progress,
    )


async def _keep(
    bench: Workbench, file: Path, key: str, rung: PlannedRung, chunk: Chunk
) -> ChunkRef:
    packets = await packets_of(bench, file)
    fault = chunk_fault(packets, chunk)
    if fault:
        raise EncodingFailed(f"{rung.name}, chunk {chunk.index}: {fault}")
    configuration = await configuration_of(bench, file)
    return ChunkRef(
        key=key,
        rung=rung.name,
        index=chunk.index,
        frames=len(packets),
        size=await bench.keep(key, file),
        extradata_sha256=configuration.extradata_sha256,
    )


def chunk_fault(packets: list[Packet], chunk: Chunk) -> str:
    """What is not as planned, as a sentence; empty when all is."""
    keyframes = tuple(chunk.start + n for n, packet in enumerate(packets) if packet.key)
    if len(packets) != chunk.frames:
        return f"{len(packets)} frames came out, {chunk.frames} were planned."
    if keyframes != chunk.keyframes:
        return f"Keyframes are at {keyframes}, planned were {chunk.keyframes}."
    return f"It begins at {packets[0].pts}, not at 0." if packets[0].pts != 0 else ""
