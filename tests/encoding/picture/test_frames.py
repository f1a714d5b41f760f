"""I3, I4, I6: which frames and sizes are encoded, and what becomes of odd pictures."""

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.encoding.steps import MEDIA as CLIPS
from tests.encoding.steps import SMALL, chunk_of, encoder_in, inspected, source_of
from vitascope.encoding import PlanQuick, Source
from vitascope.encoding.contract.picture import Picture
from vitascope.encoding.master.fields import look_at_fields
from vitascope.encoding.picture.frames import (
    display_of,
    fitted,
    frames_read,
    is_plain,
    read_args,
    sizes,
)
from vitascope.encoding.settings import EncodingSettings
from vitascope.engines.media import Input, Tool
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.kernel.media import DynamicRange

MEDIA = SandboxedMedia()
BOXES = (240, 360, 480, 720, 1080)


@given(width=st.integers(16, 4096), height=st.integers(16, 4096))
def test_no_size_is_above_the_master_and_all_are_even(width: int, height: int) -> None:
    for size in sizes(source_of(width=width, height=height), BOXES):
        assert size.width <= width + 1
        assert size.height <= height + 1
        assert size.width % 2 == size.height % 2 == 0


def test_a_master_between_two_boxes_keeps_its_own_size() -> None:
    found = sizes(source_of(width=768, height=432), BOXES)
    assert [size.height for size in found] == [240, 360, 432]


def test_a_wide_film_fills_the_width_of_its_box() -> None:
    assert fitted(source_of(width=1920, height=800), 720).width == 1280


def test_a_film_on_its_side_fits_the_height() -> None:
    assert fitted(source_of(width=1080, height=1920), 1080).height == 1080


def test_odd_masters_get_a_mezzanine() -> None:
    assert is_plain(source_of())
    for odd in (
        {"vfr": True},
        {"interlaced": True},
        {"full_range": True},
        {"dynamic_range": DynamicRange.HDR10},
        {"format": "mpegts"},
    ):
        assert not is_plain(source_of(**odd)), odd


NAMED_BY = (
    "format video_index width height frame_rate frames video_start_s vfr interlaced "
    "field_order pulled_down dynamic_range primaries transfer matrix full_range rgb mezzanine"
)


def test_what_is_kept_of_a_plain_master_has_the_name_that_it_always_had() -> None:
    """A name is the hash of this: one field more, and every chunk is encoded again."""
    plain = json.loads(msgspec.json.encode(frames_read(source_of())))
    odd = json.loads(msgspec.json.encode(frames_read(source_of(coded_matrix="fcc"))))
    assert " ".join(plain) == NAMED_BY
    assert odd["coded_matrix"] == "fcc"


def test_a_chunk_is_read_from_half_a_frame_before_its_first_frame() -> None:
    picture = Picture(key="masters/m/bytes", mezzanine=False)
    args, chain = read_args(source_of(video_start_s=0.5), picture, 48, 24)
    assert args[1] == f"{0.5 + 2 - 0.5 / 24:.6f}"
    assert "trim=end_frame=24" in chain


def test_the_first_chunk_never_seeks_before_the_file() -> None:
    args, _ = read_args(source_of(), Picture(key="k", mezzanine=False), 0, 24)
    assert args[1] == "0.000000"


@pytest.mark.parametrize(
    ("master", "largest"),
    [
        ((3840, 2160), [(1920, 1080), (3840, 2160)]),
        ((4096, 2160), [(1920, 1012), (3840, 2024)]),
        ((2560, 1440), [(1920, 1080), (2560, 1440)]),
        ((1920, 1200), [(1152, 720), (1728, 1080)]),  # what is next to 1080 lines is no UHD
        ((2048, 1152), [(1280, 720), (1920, 1080)]),
        ((1920, 1080), [(1280, 720), (1920, 1080)]),
    ],
)
def test_a_title_has_rungs_up_to_2160_lines(
    master: tuple[int, int], largest: list[tuple[int, int]]
) -> None:
    width, height = master
    source, boxes = source_of(width=width, height=height), EncodingSettings().heights
    found = sizes(source, boxes)
    assert found[0].height in range(220, 241)
    assert [(size.width, size.height) for size in found[-2:]] == largest
    assert all(size.height <= height for size in found), "never above the master"
    assert display_of(source, boxes).height <= 1080, "scores are for a display of 1080 lines"


async def made(folder: Path, picture: str, *options: str) -> Path:
    """A master of one second or two of `picture`, which is a filter."""
    args = ["-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset", "ultrafast", "-qp", "4"]
    await MEDIA.run(Tool.FFMPEG, [*args, *options, "{out}/m.mp4"], inputs={}, output=folder)
    return folder / "m.mp4"


async def shown(folder: Path, master: Path) -> tuple[Source, Path]:
    """The master as it was understood, and its first chunk of at most 240 lines."""
    settings = msgspec.structs.replace(SMALL, quick_heights=(240,), heights=(240,), quick_crf=4.0)
    encoder, blobs = encoder_in(folder, settings)
    source = await inspected(encoder, blobs, str(master))
    quick = await encoder.run(PlanQuick(source=source))
    (rung,), first = quick.ladder.rungs, quick.shots.chunks[0]
    (chunk,) = await encoder.run(chunk_of(source, quick.shots, rung, first))
    return source, await blobs.fetch(chunk.key, folder / "chunk")


async def luma(chunk: Path) -> NDArray[np.uint8]:
    """Of the first frame, as it is stored."""
    told = await tags_of(chunk)
    args = [
        "-noautorotate",
        "-i",
        "{in.c}",
        "-frames:v",
        "1",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "yuv420p",
        "-",
    ]
    raw = await MEDIA.run(Tool.FFMPEG, args, inputs={"c": Input(path=chunk, trusted=True)})
    width, height = int(told["width"]), int(told["height"])
    return np.frombuffer(raw.stdout, np.uint8)[: width * height].reshape(height, width)


async def tags_of(chunk: Path) -> dict[str, Any]:
    args = ["-v", "error", "-select_streams", "v:0", "-show_streams", "-of", "json", "-i", "{in.c}"]
    told = await MEDIA.run(Tool.FFPROBE, args, inputs={"c": Input(path=chunk, trusted=True)})
    return dict(json.loads(told.stdout)["streams"][0])


async def test_i4_an_interlaced_picture_is_made_whole(tmp_path: Path) -> None:
    weaved = await made(tmp_path, "testsrc2=s=320x240:r=50:d=2,interlace", "-flags", "+ilme+ildct")
    source, chunk = await shown(tmp_path, weaved)
    assert source.interlaced
    fields = await look_at_fields(MEDIA, chunk, 0, 2.0)
    assert fields.decoded > 40
    assert fields.part_interlaced < 0.1


async def test_i3_a_turned_picture_is_turned_and_not_squeezed(tmp_path: Path) -> None:
    white_left = "color=black:s=128x64:r=10:d=1,drawbox=w=64:h=64:color=white:t=fill"
    flat = await made(tmp_path, white_left)
    turn = ["-display_rotation:v:0", "90", "-i", "{in.flat}", "-c", "copy", "{out}/turned.mp4"]
    await MEDIA.run(Tool.FFMPEG, turn, inputs={"flat": Input(path=flat)}, output=tmp_path)
    source, chunk = await shown(tmp_path, tmp_path / "turned.mp4")
    assert (source.rotation, source.width, source.height) == (270, 64, 128)
    picture = await luma(chunk)
    assert picture.shape == (128, 64)
    assert picture[:60].mean() < 20, "it was turned the other way"
    assert picture[68:].mean() > 230


async def test_i4_the_full_range_becomes_the_video_range(tmp_path: Path) -> None:
    white = "color=white:s=320x240:r=10:d=1,format=yuvj420p"
    source, chunk = await shown(tmp_path, await made(tmp_path, white, "-color_range", "pc"))
    assert source.full_range
    assert (await luma(chunk)).mean() == pytest.approx(235, abs=1)
    assert (await tags_of(chunk))["color_range"] == "tv"


async def test_i4_hdr_is_brought_to_sdr_and_says_so(tmp_path: Path) -> None:
    """Diffuse white of PQ lies in the middle of its range, and that of SDR at the top."""
    grey = "color=0x828282:s=320x240:r=10:d=1,format=yuv420p10le,"
    pq = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv"
    source, chunk = await shown(tmp_path, await made(tmp_path, grey + pq))
    before = (await luma(tmp_path / "m.mp4")).mean()
    assert source.dynamic_range is DynamicRange.HDR10
    assert (await luma(chunk)).mean() > before + 15
    told = await tags_of(chunk)
    assert {told[f"color_{each}"] for each in ("primaries", "transfer", "space")} == {"bt709"}


async def test_i4_what_was_assumed_of_the_colours_is_written_down(tmp_path: Path) -> None:
    source, chunk = await shown(tmp_path, CLIPS / "bbb_480p24_6s.mp4")
    told = await tags_of(chunk)
    found = [told.get(f"color_{each}") for each in ("primaries", "transfer", "space")]
    assert found == [source.primaries, source.transfer, source.matrix]


async def test_i4_rgb_gets_the_matrix_that_it_is_tagged_with(tmp_path: Path) -> None:
    """Bars of 75%: green is 14, 222, 4 and yellow 188, 201, 6, as players turn them back."""
    settings = msgspec.structs.replace(SMALL, quick_heights=(240,), heights=(240,), quick_crf=4.0)
    for width, name in ((1040, "picture_rgb.mkv"), (320, "small.mkv")):
        if width == 320:
            args = ["-i", "{in.rgb}", "-vf", "scale=320:64", "-pix_fmt", "gbrp"]
            rgb = {"rgb": Input(path=CLIPS / "picture_rgb.mkv")}
            args += ["-c:v", "ffv1", "{out}/small.mkv"]
            await MEDIA.run(Tool.FFMPEG, args, inputs=rgb, output=tmp_path)
        encoder, blobs = encoder_in(tmp_path / str(width), settings)
        clip = CLIPS / name if width == 1040 else tmp_path / name
        source = await inspected(encoder, blobs, str(clip))
        quick = await encoder.run(PlanQuick(source=source))
        (rung,), first = quick.ladder.rungs, quick.shots.chunks[0]
        (ref,) = await encoder.run(chunk_of(source, quick.shots, rung, first))
        found = await rgb_of(await blobs.fetch(ref.key, tmp_path / f"{width}.mp4"))
        _, across, _ = found.shape
        yellow, green = found[20, int(across * 0.29)], found[20, int(across * 0.54)]
        assert yellow == pytest.approx([188, 201, 6], abs=3), name
        assert green == pytest.approx([14, 222, 4], abs=3), name


async def rgb_of(file: Path) -> NDArray[np.float64]:
    """The first frame, turned back by the matrix that its tags name."""
    told = await tags_of(file)
    args = ["-i", "{in.c}", "-frames:v", "1", "-vf", "format=yuv444p", "-f", "rawvideo", "-"]
    raw = await MEDIA.run(Tool.FFMPEG, args, inputs={"c": Input(path=file, trusted=True)})
    shape = (3, int(told["height"]), int(told["width"]))
    y, u, v = np.frombuffer(raw.stdout, np.uint8).reshape(shape).astype(float)
    of_red, of_blue = {
        "bt709": (0.2126, 0.0722),
        "bt2020nc": (0.2627, 0.0593),
        "smpte170m": (0.299, 0.114),
        "bt470bg": (0.299, 0.114),
    }[told["color_space"]]
    y, u, v = (y - 16) / 219 * 255, (u - 128) / 224 * 255, (v - 128) / 224 * 255
    red, blue = y + 2 * (1 - of_red) * v, y + 2 * (1 - of_blue) * u
    green = (y - of_red * red - of_blue * blue) / (1 - of_red - of_blue)
    return np.stack([red, green, blue], axis=-1)
