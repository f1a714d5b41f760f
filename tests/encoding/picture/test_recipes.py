"""I6: what each encoder must do so that a rung's chunks, of several qualities, are one stream."""

from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from tests.encoding.steps import SMALL, chunk_of, encoder_in, inspected, rendition
from vitascope.encoding import Chunk, PlannedRung, ShotPlan
from vitascope.encoding.contract.request import EncodingFailed
from vitascope.encoding.picture.frames import Size
from vitascope.encoding.picture.packets import bytes_of
from vitascope.encoding.picture.recipes import av1, hevc, wanted
from vitascope.encoding.settings import EncodingSettings
from vitascope.engines.media import Tool
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.kernel.media import Codec, Format

FAST = msgspec.structs.replace(SMALL, vp9_speed=8, hevc_preset="ultrafast", av1_preset=12)
DEEP = msgspec.structs.replace(FAST, vp9_bits=10)
FLAT = msgspec.structs.replace(FAST, hevc_bits=8, av1_bits=8)
CODECS = [Codec.H264, Codec.VP9, Codec.HEVC, Codec.AV1]


@pytest.mark.long
@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("settings", [DEEP, FLAT], ids=["10", "8"])
async def test_chunks_of_several_qualities_under_a_cap_are_one_stream(
    tmp_path: Path, codec: Codec, settings: EncodingSettings
) -> None:
    """Keyframes at odd places, close to one another and to the end, and nowhere else, are checked
    with every chunk; equal headers and even times when they are joined."""
    encoding, blobs = encoder_in(tmp_path, settings)
    source = await inspected(encoding, blobs, str(await noisy_film(tmp_path)))
    plan = ShotPlan(
        chunks=tuple(
            Chunk(index=n, start=start, end=end, keyframes=keys, complexity=1.0)
            for n, (start, end, keys) in enumerate(
                [(0, 29, (0, 7, 28)), (29, 30, (29,)), (30, 60, (30, 41, 58))]
            )
        ),
        frame_rate=source.frame_rate,
        picture_key=source.master_key,
    )
    rung = PlannedRung(
        name="v120",
        width=214,
        height=120,
        crfs=(22.0, 30.3, 40.55),
        bitrate_kbps=200,
        max_kbps=500,
        format=Format(codec),
    )
    joined = await rendition(encoding, source, plan, rung)
    assert joined.frames == 60
    assert joined.keyframes == (0, 7, 28, 29, 30, 41, 58)
    deep = settings is DEEP and codec is not Codec.H264
    assert joined.rung.bit_depth == (10 if deep else 8)


@pytest.mark.long
@pytest.mark.parametrize("codec", [Codec.VP9, Codec.HEVC, Codec.AV1])
async def test_a_capped_chunk_encoded_again_is_the_same_to_the_byte(
    tmp_path: Path, codec: Codec
) -> None:
    film, found = await noisy_film(tmp_path), []
    for attempt in ("first", "second"):
        (tmp_path / attempt).mkdir()
        encoding, blobs = encoder_in(tmp_path / attempt, FAST)
        source = await inspected(encoding, blobs, str(film))
        chunk = Chunk(index=0, start=0, end=60, keyframes=(0, 31), complexity=1.0)
        plan = ShotPlan(
            chunks=(chunk,), frame_rate=source.frame_rate, picture_key=source.master_key
        )
        rung = PlannedRung(
            name="v120",
            width=214,
            height=120,
            crfs=(20.0,),
            bitrate_kbps=100,
            max_kbps=150,
            format=Format(codec),
        )
        (made,) = await encoding.run(chunk_of(source, plan, rung, chunk))
        found.append(await blobs.get(made.key))
    assert found[0] == found[1]


async def noisy_film(folder: Path) -> Path:
    noise = "testsrc2=s=214x120:r=24:d=2.5,noise=alls=30:allf=t:all_seed=7"
    args = ["-f", "lavfi", "-i", noise, "-c:v", "libx264", "-qp", "10", "{out}/film.mp4"]
    await SandboxedMedia().run(Tool.FFMPEG, args, inputs={}, output=folder)
    return folder / "film.mp4"


def test_every_format_is_tried_at_four_qualities_within_its_range() -> None:
    settings = EncodingSettings(formats=("h264", "vp9", "hevc", "av1"))
    recipes = wanted(settings)
    assert [recipe.format.codec for recipe in recipes] == CODECS
    for recipe in recipes:
        finest, coarsest = recipe.crf_range
        crfs = recipe.trial_crfs(settings)
        assert len(crfs) >= 4
        assert list(crfs) == sorted(set(crfs))
        assert all(finest <= crf <= coarsest for crf in (*crfs, recipe.quick_crf(settings)))


@pytest.mark.parametrize("field", ["hevc_preset", "hevc_bits"])
def test_what_hevc_depends_on_is_part_of_a_chunks_name(field: str) -> None:
    _renamed(hevc.Hevc(), field)


@pytest.mark.parametrize("field", ["av1_preset", "av1_bits"])
def test_what_av1_depends_on_is_part_of_a_chunks_name(field: str) -> None:
    _renamed(av1.Av1(), field)


def _renamed(recipe: hevc.Hevc | av1.Av1, field: str) -> None:
    others = {"hevc_preset": "slow", "hevc_bits": 8, "av1_preset": 3, "av1_bits": 8}
    changed = msgspec.structs.replace(FAST, **{field: others[field]})
    assert recipe.parameters(FAST) != recipe.parameters(changed)


def test_threads_do_not_name_a_chunk_of_hevc_which_has_one() -> None:
    more = msgspec.structs.replace(FAST, threads=7)
    assert hevc.Hevc().parameters(FAST) == hevc.Hevc().parameters(more)
    size, rate = Size(width=1280, height=720), Fraction(24)
    few, many = (hevc.Hevc().arguments(size, rate, 30.0, one) for one in (FAST, more))
    assert few == many


def test_threads_of_av1_do_not_name_a_chunk_since_its_output_is_the_same() -> None:
    more = msgspec.structs.replace(FAST, threads=7)
    assert av1.Av1().parameters(FAST) == av1.Av1().parameters(more)
    size, rate = Size(width=1280, height=720), Fraction(24)
    of_capped = av1.Av1().arguments(size, rate, 30.0, more, max_kbps=2000)
    assert any("lp=1" in word for word in of_capped), "with a rate buffer it would not be"


def test_levels_of_hevc_follow_size_rate_and_peak() -> None:
    small, hd = Size(width=426, height=240), Size(width=1920, height=1080)
    uhd = Size(width=3840, height=2160)
    assert hevc.level_of(small, Fraction(24), 500) == ("3.0", 6_000)
    assert hevc.level_of(hd, Fraction(24), 8_000) == ("4.0", 12_000)
    assert hevc.level_of(hd, Fraction(24), 15_000) == ("4.1", 20_000)
    assert hevc.level_of(hd, Fraction(60), 8_000) == ("4.1", 20_000)
    assert hevc.level_of(uhd, Fraction(30), 16_000) == ("5.0", 25_000)
    assert hevc.level_of(uhd, Fraction(60), 30_000) == ("5.1", 40_000)
    assert hevc.level_of(uhd, Fraction(60), 90_000) == ("5.2", 60_000)


def test_codec_strings_are_read_from_configurations() -> None:
    main = bytes.fromhex("0101600000009000000000005a" + "f0")
    ten = bytes.fromhex("010220000000b0000000000099" + "f0")
    high = bytes.fromhex("0122200000009000000000007b" + "f0")
    assert hevc.codec_string_of(main) == "hvc1.1.6.L90.90"
    assert hevc.codec_string_of(ten) == "hvc1.2.4.L153.B0"
    assert hevc.codec_string_of(high) == "hvc1.2.4.H123.90"
    assert av1.codec_string_of(bytes.fromhex("81084c00")) == "av01.0.08M.10"
    assert av1.codec_string_of(bytes.fromhex("810d0c00")) == "av01.0.13M.08"
    assert av1.codec_string_of(bytes.fromhex("810dcc00")) == "av01.0.13H.10"


def test_a_stream_without_a_configuration_is_refused() -> None:
    with pytest.raises(EncodingFailed):
        hevc.codec_string_of(b"")
    with pytest.raises(EncodingFailed):
        av1.codec_string_of(b"\x81")


def test_a_dump_of_ffprobe_is_read_to_its_bytes() -> None:
    dump = (
        "\n00000000: 8101 0c00 0a0f 0200 000d 6627 fb38 05f0  ..........f'.8.."
        "\n00000010: 2020 80   .\n"
    )
    assert bytes_of(dump).hex() == "81010c000a0f0200000d6627fb3805f0202080"
    assert bytes_of("") == b""
