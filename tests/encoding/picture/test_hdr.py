"""I6, I7: a ladder in HDR is the master's own picture, with all that it says of itself."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from tests.encoding.hdr import (
    FAST,
    MEDIA,
    NITS,
    STATIC,
    chart,
    codes_of,
    greys,
    luma,
    made,
    master,
    ranged,
    said_by_frames,
    stream_of,
    tagged,
    with_dynamic,
)
from tests.encoding.steps import encoder_in, inspected, rendition, source_of
from vitascope.encoding import EncodeChunk, PlannedRung, PlanQuick
from vitascope.encoding.contract.master import StaticMetadata
from vitascope.encoding.contract.picture import Encode
from vitascope.encoding.master.inspect import inspect
from vitascope.encoding.master.static import static_metadata
from vitascope.encoding.picture import light
from vitascope.encoding.picture.frames import Size, is_plain, measured
from vitascope.encoding.picture.recipes import wanted
from vitascope.encoding.picture.sample_entry import entry_of, with_boxes
from vitascope.encoding.settings import EncodingSettings
from vitascope.engines.media import Input, Tool
from vitascope.kernel.media import H264_SDR, Codec, DynamicRange, Format

long = pytest.mark.long
HDR = DynamicRange.HDR10


def test_names_mean_what_the_master_has() -> None:
    settings = EncodingSettings(formats=("hevc-hdr", "av1", "av1-hdr"))

    def of(master: DynamicRange) -> list[Format]:
        return [recipe.format for recipe in wanted(settings, master)]

    av1, hevc = Codec.AV1, Codec.HEVC
    assert of(DynamicRange.SDR) == [Format(av1)], "there is nothing to make it of"
    assert of(HDR) == [Format(av1), Format(hevc, HDR), Format(av1, HDR)], "SDR is first"
    hlg = DynamicRange.HLG
    assert of(hlg) == [Format(av1), Format(hevc, hlg), Format(av1, hlg)]
    alone = EncodingSettings(formats=("hevc-hdr",))
    both = [H264_SDR, Format(hevc, HDR)]
    assert [recipe.format for recipe in wanted(alone, HDR)] == both, (
        "a ladder in SDR is always there"
    )


def test_hdr_has_ten_bits_whatever_is_set() -> None:
    eight = EncodingSettings(formats=("hevc-hdr", "av1-hdr"), hevc_bits=8, av1_bits=8)
    assert [recipe.bit_depth(eight) for recipe in wanted(eight, HDR)] == [8, 10, 10]


def test_hdr_is_tried_finer_than_sdr_and_within_its_range() -> None:
    settings = EncodingSettings(formats=("hevc", "av1", "hevc-hdr", "av1-hdr"))
    for master_in, steps in ((HDR, (6.0, 15.0)), (DynamicRange.HLG, (3.0, 7.0))):
        recipes = wanted(settings, master_in)
        for plain, hdr, finer in zip(recipes[:2], recipes[2:], steps, strict=True):
            crfs, others = hdr.trial_crfs(settings), plain.trial_crfs(settings)
            assert crfs == tuple(crf - finer for crf in others)
            assert hdr.crf_range[0] <= crfs[0] < crfs[-1] <= hdr.crf_range[1]
    few = EncodingSettings(formats=("av1", "av1-hdr"), av1_trial_crfs=(4.0, 8.0, 16.0, 30.0))
    crfs = wanted(few, HDR)[1].trial_crfs(few)
    assert list(crfs) == sorted(set(crfs)), "each is another one, however fine they are"


def test_a_plain_master_is_read_as_it_is_for_its_own_range_alone() -> None:
    bt2020 = {"primaries": "bt2020", "transfer": "smpte2084", "matrix": "bt2020nc"}
    plain = source_of(dynamic_range=HDR, **bt2020)
    assert is_plain(plain, HDR)
    assert not is_plain(plain)
    assert not is_plain(plain, DynamicRange.HLG)
    odd: list[dict[str, Any]] = [{"vfr": True}, {"interlaced": True}, {"full_range": True}]
    odd += [{"rgb": True}, {"primaries": "smpte432"}, {"coded_matrix": "ictcp"}]
    for each in [*odd, {"format": "mpegts"}]:
        assert not is_plain(msgspec.structs.replace(plain, **each), HDR), each


def test_what_is_said_is_written_for_each_reader_and_read_back() -> None:
    assert light.as_input(STATIC) == [
        "-mastering_display",
        "G(13251,34499)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,51)",
        "-content_light",
        "987,203",
    ]
    assert light.as_input(None) == light.as_input(StaticMetadata()) == []
    assert light.of_x265(StaticMetadata()) == []
    boxes = light.as_boxes(STATIC)
    assert len(boxes) == 32 + 12
    told = {boxes[4:8]: boxes[8:32], boxes[36:40]: boxes[40:]}
    assert light.from_boxes(told) == STATIC
    assert light.as_boxes(StaticMetadata()) == light.as_obus(StaticMetadata()) == b""
    content, display = light.as_obus(STATIC)[:8], light.as_obus(STATIC)[8:]
    assert content == bytes.fromhex("2a0601" + "03db00cb" + "80")
    red_x = round(34_000 * 65_536 / 50_000)
    assert display[:5] == bytes.fromhex("2a1a02") + red_x.to_bytes(2)
    assert display[-9:] == (256_000).to_bytes(4) + (84).to_bytes(4) + b"\x80"


@pytest.mark.parametrize("kind", [b"mdcv", b"clli"])
def test_zeros_are_not_taken_for_figures(kind: bytes) -> None:
    assert light.from_boxes({kind: bytes(24)}) == StaticMetadata()
    assert light.from_boxes({kind: b"\1"}) == StaticMetadata()


@long
@pytest.mark.parametrize("codec", [Codec.HEVC, Codec.AV1])
@pytest.mark.parametrize("curve", ["pq", "hlg"])
async def test_i7_a_rung_in_hdr_has_the_masters_levels_and_what_it_says(
    tmp_path: Path, curve: str, codec: Codec
) -> None:
    film = await master(tmp_path, chart(curve))
    _, source, file = await ranged(tmp_path, film, codec)
    assert source.static == STATIC
    told = await stream_of(file)
    assert told["pix_fmt"] == "yuv420p10le"
    assert told["color_primaries"] == "bt2020" and told["color_space"] == "bt2020nc"
    assert told["color_transfer"] == source.transfer and told["color_range"] == "tv"
    assert greys(await luma(file)) == pytest.approx(codes_of(curve), abs=3)
    entry = entry_of(file.read_bytes())
    assert entry is not None
    assert light.from_boxes(entry.boxes) == STATIC
    if codec is Codec.HEVC:
        said = await said_by_frames(file)
        display = said["Mastering display metadata"]
        assert display["green_x"] == "13251/50000" and display["min_luminance"] == "51/10000"
        assert said["Content light level metadata"]["max_content"] == 987
    else:
        assert b"mdcv" in file.read_bytes()


@long
async def test_i7_nothing_is_made_up_where_a_master_says_nothing(tmp_path: Path) -> None:
    film = await master(tmp_path, chart("pq"), said=False)
    _, source, file = await ranged(tmp_path, film)
    assert source.dynamic_range is HDR
    assert source.static == StaticMetadata()
    assert not {"Mastering display metadata", "Content light level metadata"} & set(
        await said_by_frames(file)
    )
    entry = entry_of(file.read_bytes())
    assert entry is not None and not {b"mdcv", b"clli"} & set(entry.boxes)


@long
@pytest.mark.parametrize("name", ["m.mkv", "m.ts", "m.mov"])
async def test_i3_what_is_said_is_found_in_every_container(tmp_path: Path, name: str) -> None:
    film = await master(tmp_path, chart("pq"), name)
    assert await static_metadata(MEDIA, film, 0, HDR) == STATIC
    assert await static_metadata(MEDIA, film, 0, DynamicRange.SDR) == StaticMetadata()


@long
async def test_i3_what_av1_says_is_found(tmp_path: Path) -> None:
    display = "G(0.265,0.69)B(0.15,0.06)R(0.68,0.32)WP(0.3127,0.329)L(1000,0.005)"
    words = f"mastering-display={display}:content-light=987,203"
    options = ["-c:v", "libsvtav1", "-preset", "12", "-svtav1-params", words]
    film = await made(tmp_path, chart("pq"), "m.mkv", *options)
    found = await static_metadata(MEDIA, film, 0, HDR)
    assert found.light == STATIC.light
    assert found.display is not None
    assert found.display.green == (13_250, 34_500)
    assert found.display.most == 10_000_000


@long
@pytest.mark.parametrize(
    "kind",
    ["turned", "odd-size", "vfr", "interlaced", "50p", "rgb", "p3", "full", "ictcp", "ts", "atc"],
)
async def test_i7_masters_of_every_kind_keep_their_levels(tmp_path: Path, kind: str) -> None:
    """As a camera, a broadcaster or an editor writes them."""
    curve = "hlg" if kind in ("interlaced", "50p", "turned", "full", "atc") else "pq"
    film = await _odd(tmp_path, kind, curve)
    _, source, file = await ranged(tmp_path, film)
    told = await stream_of(file)
    assert told["pix_fmt"] == "yuv420p10le"
    assert (told["color_primaries"], told["color_transfer"]) == ("bt2020", source.transfer)
    picture = await luma(file, min(4, source.frames - 1))
    if kind == "turned":
        assert (source.width, source.height) == (128, 512)
        picture = np.rot90(picture, -1)
    assert greys(picture) == pytest.approx(codes_of(curve), abs=4)
    if kind in ("interlaced", "50p"):
        assert source.frame_rate == "50/1" and told["avg_frame_rate"] == "50/1"
    assert source.interlaced is (kind == "interlaced")
    assert source.vfr is (kind == "vfr")


async def _odd(folder: Path, kind: str, curve: str) -> Path:
    lossless = ["-c:v", "ffv1"]
    if kind == "turned":
        flat = await master(folder, chart(curve), "flat.mp4")
        turn = ["-display_rotation:v:0", "90", "-i", "{in.flat}", "-c", "copy", "{out}/m.mp4"]
        await MEDIA.run(Tool.FFMPEG, turn, inputs={"flat": Input(path=flat)}, output=folder)
        return folder / "m.mp4"
    if kind == "odd-size":
        return await made(
            folder, f"{chart(curve)},format=yuv444p10,crop=511:127:0:0", "m.mkv", *lossless
        )
    if kind == "vfr":
        uneven = f"{chart(curve, seconds=2)},select='not(eq(mod(n,7),3))'"
        return await made(folder, uneven, "m.mkv", "-fps_mode", "vfr", *lossless)
    if kind == "interlaced":
        weaved = f"{chart(curve, rate='50', seconds=2)},interlace=lowpass=0,setfield=tff"
        x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "10", "-flags", "+ilme+ildct"]
        return await made(folder, weaved, "m.ts", *x264)
    if kind == "rgb":
        rgb = f"{chart(curve)},zscale=matrix=gbr:range=pc,format=gbrp12le"
        return await made(folder, rgb, "m.mkv", *lossless)
    if kind == "p3":
        p3 = f"{chart(curve)},format=yuv444p10le,zscale=primaries=smpte432,format=yuv444p12le"
        return await made(folder, p3, "m.mkv", *lossless)
    if kind == "full":
        full = f"{chart(curve)},zscale=range=pc,format=yuv422p10le"
        return await made(folder, full, "m.mkv", *lossless)
    if kind == "ictcp":
        coded = f"{chart(curve)},format=yuv444p10le,zscale=matrix=ictcp,format=yuv444p12le"
        return await made(folder, coded, "m.mkv", *lossless)
    if kind == "atc":  # for receivers of SDR in BT.2020: HLG is named beside the stream's own curve
        other = f"{chart(curve)},setparams=color_trc=bt2020-10"
        return await master(folder, other, "m.ts", params="atc-sei=18")
    name, rate = ("m.ts", "24") if kind == "ts" else ("m.mp4", "50")
    return await master(folder, chart(curve, rate=rate), name)


@long
@pytest.mark.parametrize("name", ["m.mp4", "m.ts"])
async def test_i7_a_slope_keeps_ten_bits_on_every_way(tmp_path: Path, name: str) -> None:
    """Read as it is, and by way of a mezzanine."""
    drawn = "color=s=1024x64:r=24:d=1,format=yuv420p10le,geq=lum='X*0.8+90':cb=512:cr=512"
    slope = f"{drawn},{tagged('pq')}"
    film = await master(tmp_path, slope, name)
    _, source, file = await ranged(tmp_path, film, crf=4.0)
    assert is_plain(source, HDR) is (name == "m.mp4")
    picture = (await luma(file)).astype(int)
    assert len(np.unique(picture)) > 700, "of eight bits there would be 205"
    assert np.abs(picture[32] - (np.arange(1024) * 0.8 + 90)).max() <= 4


@long
async def test_i7_all_rungs_of_one_run_say_the_same_and_sdr_says_nothing(tmp_path: Path) -> None:
    """ffmpeg by itself would hand what a master says to the first encoder of a run alone."""
    encoder, blobs = encoder_in(tmp_path / "encoder", FAST)
    source = await inspected(encoder, blobs, str(await master(tmp_path, chart("pq"))))
    shots = (await encoder.run(PlanQuick(source=source))).shots
    sizes = [(512, 128), (256, 64), (128, 32)]
    encodes = tuple(Encode(width=w, height=h, crf=20.0) for w, h in sizes)

    async def headers(codec: Codec, ranged: DynamicRange, *asked: Encode) -> list[str]:
        request = EncodeChunk(
            source=source,
            picture=shots.picture,
            chunk=shots.chunks[0],
            encodes=asked,
            format=Format(codec, ranged),
        )
        found = await encoder.run(request)
        for one in found:
            file = await blobs.fetch(one.key, tmp_path / "chunk")
            if codec is not Codec.AV1:  # of which it is the package that says so
                said = set(await said_by_frames(file))
                there = {"Mastering display metadata", "Content light level metadata"} & said
                assert len(there) == (2 if ranged is HDR else 0), (codec, ranged)
            assert b"mdcv" not in file.read_bytes()
        return [one.extradata_sha256 for one in found]

    for codec in (Codec.HEVC, Codec.AV1):
        together = await headers(codec, HDR, *encodes)
        again = msgspec.structs.replace(encodes[1], crf=27.0)
        assert await headers(codec, HDR, again) == [together[1]], "made alone it is another stream"
    for codec in (Codec.H264, Codec.HEVC):
        await headers(codec, DynamicRange.SDR, *encodes)


@long
async def test_i7_sdr_with_words_of_hdr_left_in_it_says_nothing(tmp_path: Path) -> None:
    """As an editor leaves them who has brought a film to SDR."""
    told = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
    film = await master(tmp_path, f"testsrc2=s=320x180:r=24:d=1,format=yuv420p10le,{told}")
    encoder, blobs = encoder_in(tmp_path / "encoder", FAST)
    source = await inspected(encoder, blobs, str(film))
    assert source.dynamic_range is DynamicRange.SDR
    shots = (await encoder.run(PlanQuick(source=source))).shots
    for codec in (Codec.H264, Codec.HEVC):
        rung = PlannedRung(
            name="v", width=320, height=180, crfs=(30.0,), bitrate_kbps=0, format=Format(codec)
        )
        made_of = await rendition(encoder, source, shots, rung)
        file = await blobs.fetch(made_of.key, tmp_path / "rendition")
        assert "Mastering display metadata" not in await said_by_frames(file)
        assert b"mdcv" not in file.read_bytes()


@long
@pytest.mark.parametrize("curve", ["pq", "hlg"])
async def test_what_is_brighter_than_white_counts_when_hdr_is_measured(
    tmp_path: Path, curve: str
) -> None:
    """A tone map for viewers has nearly nothing left for it."""
    film = await master(tmp_path, chart(curve))
    source = (await inspect(MEDIA, film)).source
    assert source is not None
    graph = measured(source, Size(width=512, height=128), source.dynamic_range)
    args = ["-i", "{in.c}", "-vf", graph, "-frames:v", "1", "-f", "rawvideo", "-"]
    raw = await MEDIA.run(Tool.FFMPEG, args, inputs={"c": Input(path=film)})
    picture = np.frombuffer(raw.stdout, np.uint8)[: 512 * 128].reshape(128, 512)
    seen = greys(picture.astype(np.uint16))
    assert np.diff(seen).min() > 8, "each grey is told from the next"
    white = NITS.index(203.0)
    assert seen[-1] - seen[white] > 30
    assert 0.68 < (seen[white] - 16) / 219 < 0.82


@long
@pytest.mark.parametrize(
    ("curve", "compatible", "ranged_as"), [("pq", 1, HDR), ("hlg", 4, DynamicRange.HLG)]
)
async def test_i7_dolby_vision_goes_out_by_its_base_layer(
    tmp_path: Path, curve: str, compatible: int, ranged_as: DynamicRange
) -> None:
    """Profile 8 says in a box which other format its picture is."""
    film = await master(tmp_path, chart(curve))
    configuration = bytes([1, 0, 8 << 1, 1 << 3 | 0b101, compatible << 4]) + bytes(19)
    box = (8 + len(configuration)).to_bytes(4) + b"dvvC" + configuration
    plain = film.read_bytes()
    film.write_bytes(with_boxes(plain, box))
    assert "dv_profile" in str((await stream_of(film))["side_data_list"])
    _, source, file = await ranged(tmp_path, film)
    assert source.dynamic_range is ranged_as
    assert source.static == STATIC
    assert greys(await luma(file)) == pytest.approx(codes_of(curve), abs=3)
    assert not {b"dvvC", b"dvcC"} & {file.read_bytes()[n : n + 4] for n in range(4000)}


@long
@pytest.mark.parametrize("codec", [Codec.HEVC, Codec.AV1])
async def test_i7_of_hdr10_plus_the_static_part_goes_out(tmp_path: Path, codec: Codec) -> None:
    whole = ["-f", "hevc", "-c:v", "libx265", "-preset", "ultrafast", "-crf", "4", "-x265-params"]
    said = f"log-level=error:bframes=0:{':'.join(light.of_x265(STATIC))}"
    plain = await made(tmp_path, chart("pq"), "plain.hevc", *whole, said)
    (tmp_path / "dynamic.hevc").write_bytes(with_dynamic(plain.read_bytes()))
    timed = ["-bsf:v", "setts=pts=N:dts=N:duration=1:time_base=1/24", "{out}/m.mp4"]
    args = ["-r", "24", "-i", "{in.a}", "-c", "copy", *timed]
    given = {"a": Input(path=tmp_path / "dynamic.hevc", trusted=True)}
    await MEDIA.run(Tool.FFMPEG, args, inputs=given, output=tmp_path)
    assert any("HDR10+" in name for name in await said_by_frames(tmp_path / "m.mp4"))
    _, source, file = await ranged(tmp_path, tmp_path / "m.mp4", codec)
    assert (source.dynamic_range, source.static) == (HDR, STATIC)
    assert greys(await luma(file)) == pytest.approx(codes_of("pq"), abs=3)
    if codec is Codec.HEVC:
        assert not any("HDR10+" in name for name in await said_by_frames(file))
    assert b"\xb5\x00\x3c\x00\x01\x04" not in file.read_bytes()
