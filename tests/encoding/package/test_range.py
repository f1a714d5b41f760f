"""I6, I7, I9: a package in HDR says what its master says, in files and manifests, as others read
it."""

import asyncio
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import msgspec
import pytest

from tests.encoding.hdr import FAST, MEDIA, STATIC, chart, master, said_by_frames
from tests.encoding.package.test_manifests import FILM, NS, rung, written
from tests.encoding.steps import KEYS, encoder_in, inspected, package_of, rendition
from vitascope.encoding import OpenPackage, Package, PlannedRung, PlanQuick, VerifyPackage
from vitascope.encoding.contract.master import StaticMetadata
from vitascope.encoding.local import LocalEncoding
from vitascope.encoding.package.manifests import dash, hls_main, hls_media, read_packager
from vitascope.encoding.package.static import ColourTags, moved_range, tell, told_by
from vitascope.encoding.package.verify import range_check
from vitascope.encoding.picture.light import as_obus
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.media import Input, Tool
from vitascope.kernel.media import Codec, DynamicRange, Format, Scheme

long = pytest.mark.long
HDR, HLG, SDR = DynamicRange.HDR10, DynamicRange.HLG, DynamicRange.SDR


async def packaged(
    folder: Path, film: Path, scheme: Scheme
) -> tuple[LocalEncoding, DiskBlobs, Package]:
    """A rung of H.264 and one of each codec in the master's range."""
    encoder, blobs = encoder_in(folder, msgspec.structs.replace(FAST, scheme=scheme))
    source = await inspected(encoder, blobs, str(film))
    shots = (await encoder.run(PlanQuick(source=source))).shots
    made = []
    for codec, ranged in (
        (Codec.H264, SDR),
        (Codec.HEVC, source.dynamic_range),
        (Codec.AV1, source.dynamic_range),
    ):
        format = Format(codec, ranged)
        planned = PlannedRung(
            name=f"v128-{format.name}",
            width=512,
            height=128,
            crfs=(30.0,),
            bitrate_kbps=0.0,
            format=format,
        )
        made.append(await rendition(encoder, source, shots, planned))
    return encoder, blobs, await encoder.run(package_of(source, made))


@long
@pytest.mark.parametrize(
    ("scheme", "curve", "video_range", "transfer"),
    [("cbcs", "pq", "PQ", "16"), ("cenc", "hlg", "HLG", "18"), ("none", "pq", "PQ", "16")],
)
async def test_i9_a_package_says_what_its_master_says(
    tmp_path: Path, scheme: Scheme, curve: str, video_range: str, transfer: str
) -> None:
    film = await master(tmp_path, chart(curve, seconds=3))
    encoder, blobs, package = await packaged(tmp_path, film, scheme)
    verification = await encoder.run(VerifyPackage(package=package, keys=tuple(KEYS)))
    assert verification.passed, verification.failures
    assert len([one for one in verification.checks if one.name == "range"]) == 2
    ladder = {rung.codec: rung for rung in package.ladder}
    hls = (await blobs.get(f"{package.prefix}/main.m3u8")).decode()
    found = re.findall(r'CODECS="(\w+).*VIDEO-RANGE=(\w+)', hls)
    assert found[0] == ("avc1", "SDR")
    assert set(found[1:]) == {("hvc1", video_range), ("av01", video_range)}
    av1 = f'CODECS="{ladder[Codec.AV1].codec_string}.0.11'
    assert av1 in hls and f".09.{transfer}.09.0" in hls
    mpd = ET.fromstring((await blobs.get(f"{package.prefix}/manifest.mpd")).decode())
    for each in mpd.findall(".//m:AdaptationSet", NS):
        await _ranges_are_right(blobs, package, each, tmp_path)
        said = {
            one.get("schemeIdUri", "").rpartition(":")[2]: one.get("value")
            for one in each.findall("m:EssentialProperty", NS)
        }
        of_h264 = "h264" in each.find("m:Representation", NS).get("id", "")  # type: ignore[union-attr]
        colours = {"ColourPrimaries": "9", "MatrixCoefficients": "9"}
        assert said == ({} if of_h264 else colours | {"TransferCharacteristics": transfer})
    for codec in (Codec.HEVC, Codec.AV1):
        name = ladder[codec].name
        file = await blobs.fetch(f"{package.prefix}/{name}.mp4", tmp_path / "packaged.mp4")
        told = await asyncio.to_thread(told_by, file)
        assert told == ColourTags(colours=(9, int(transfer), 9), static=STATIC)
        assert (as_obus(STATIC) in file.read_bytes()) is (codec is Codec.AV1)
        if scheme == "none":
            assert await _played_by_others(blobs, package, name, tmp_path) == 72
            if codec is Codec.HEVC:
                said_by = await said_by_frames(file)
                assert said_by["Content light level metadata"]["max_content"] == 987


async def _ranges_are_right(
    blobs: DiskBlobs, package: Package, found: ET.Element, folder: Path
) -> None:
    """The index is where DASH says, and HLS's header ends where it begins."""
    name = found.find("m:Representation", NS).get("id", "")  # type: ignore[union-attr]
    data = await blobs.get(f"{package.prefix}/{name}.mp4")
    base = found.find(".//m:SegmentBase", NS)
    assert base is not None
    begin, end = map(int, base.get("indexRange", "").split("-"))
    assert data[begin + 4 : begin + 8] == b"sidx"
    assert int.from_bytes(data[begin : begin + 4]) == end - begin + 1
    assert base.find("m:Initialization", NS).get("range") == f"0-{begin - 1}"  # type: ignore[union-attr]
    playlist = (await blobs.get(f"{package.prefix}/{name}.m3u8")).decode()
    assert f'BYTERANGE="{begin}@0"' in playlist
    first = re.search(r"#EXT-X-BYTERANGE:(\d+)@(\d+)", playlist)
    assert first is not None
    assert data[int(first[2]) + 4 : int(first[2]) + 8] == b"moof"


async def _played_by_others(blobs: DiskBlobs, package: Package, name: str, folder: Path) -> int:
    """Frames that ffmpeg finds in what a player fetches by the playlist."""
    playlist = (await blobs.get(f"{package.prefix}/{name}.m3u8")).decode()
    whole = await blobs.get(f"{package.prefix}/{name}.mp4")
    begin, count = re.search(r'BYTERANGE="(\d+)@(\d+)"', playlist).groups()  # type: ignore[union-attr]
    parts = [(int(count), int(begin))]
    at = 0
    for size, place in re.findall(r"#EXT-X-BYTERANGE:(\d+)(?:@(\d+))?", playlist):
        at = int(place) if place else at
        parts.append((at, int(size)))
        at += int(size)
    (folder / "read.mp4").write_bytes(b"".join(whole[a : a + n] for a, n in parts))
    args = ["-v", "error", "-xerror", "-i", "{in.c}", "-f", "framemd5", "-"]
    given = {"c": Input(path=folder / "read.mp4", trusted=True)}
    told = await MEDIA.run(Tool.FFMPEG, args, inputs=given)
    return len([line for line in told.stdout.splitlines() if not line.startswith(b"#")])


@long
async def test_a_version_made_of_a_version_says_the_same(tmp_path: Path) -> None:
    film = await master(tmp_path, chart("pq"))
    encoder, blobs, package = await packaged(tmp_path, film, "cbcs")
    request = OpenPackage(
        prefix=package.prefix,
        duration_ms=package.duration_ms,
        ladder=package.ladder,
        audio=(),
        text=(),
        files=package.files,
        keys=tuple(KEYS),
        scheme="cbcs",
    )
    opened = await encoder.run(request)
    assert package.source is not None
    asked = package_of(package.source, opened.renditions)
    again = await encoder.run(msgspec.structs.replace(asked, scheme="cenc", source=None))
    verification = await encoder.run(VerifyPackage(package=again, keys=tuple(KEYS)))
    assert verification.passed, verification.failures
    for one in again.ladder:
        file = await blobs.fetch(f"{again.prefix}/{one.name}.mp4", tmp_path / "again.mp4")
        told = await asyncio.to_thread(told_by, file)
        assert told.static == (StaticMetadata() if one.format.name == "h264" else STATIC)


RIGHT = ColourTags(colours=(9, 16, 9), static=STATIC)


def test_what_is_not_said_or_said_of_the_wrong_picture_is_found() -> None:
    hdr = msgspec.structs.replace(rung("v", 1080, 1), dynamic_range=HDR, bit_depth=10)
    plain = rung("v", 1080, 1)
    nothing = StaticMetadata()
    assert [check.passed for check in range_check(hdr, RIGHT, STATIC)] == [True]
    for wrong in (
        ColourTags(colours=(9, 16, 9), static=nothing),
        ColourTags(colours=(9, 18, 9), static=STATIC),
        ColourTags(colours=(1, 1, 1), static=STATIC),
        ColourTags(colours=None, static=STATIC),
    ):
        assert [check.passed for check in range_check(hdr, wrong, STATIC)] == [False], wrong
    eight = msgspec.structs.replace(hdr, bit_depth=8)
    assert [check.passed for check in range_check(eight, RIGHT, STATIC)] == [False]
    silent = ColourTags(colours=(9, 16, 9), static=nothing)
    assert [check.passed for check in range_check(hdr, silent, nothing)] == [True]
    assert [check.passed for check in range_check(plain, RIGHT, nothing)] == [False]
    assert range_check(plain, ColourTags(colours=(1, 1, 1), static=nothing), nothing) == []


def test_what_is_written_into_a_file_moves_the_rest_of_it(tmp_path: Path) -> None:
    file = tmp_path / "none.mp4"
    file.write_bytes(b"\0\0\0\x08mdat")
    assert told_by(file) == ColourTags(colours=None, static=StaticMetadata())
    assert tell(file, StaticMetadata()) == 0
    assert moved_range("0-99", 5) == "0-104"
    assert moved_range("100-199", 5) == "105-204"
    (stream,) = read_packager(written(("v", "video/mp4", "hvc1", "")), {"v": 44}).values()
    assert stream.segments is not None
    assert stream.segments.get("indexRange") == "0-143"
    text = '#EXT-X-MAP:URI="v.mp4",BYTERANGE="90@0"\n#EXT-X-BYTERANGE:10@100\n#EXT-X-BYTERANGE:7\n'
    assert hls_media(text, "skd", "skd", 44) == (
        '#EXT-X-MAP:URI="v.mp4",BYTERANGE="134@0"\n#EXT-X-BYTERANGE:10@144\n#EXT-X-BYTERANGE:7\n'
    )


def test_manifests_tell_the_range_and_have_sdr_first() -> None:
    of_hlg = {"codec": Codec.HEVC, "dynamic_range": HLG, "bit_depth": 10}
    cheap = msgspec.structs.replace(rung("v480h", 480, 300), **of_hlg)
    dear = msgspec.structs.replace(rung("v1080h", 1080, 2000), **of_hlg)
    film = msgspec.structs.replace(FILM, rungs=(*FILM.rungs, cheap, dear), audio=(), text=())
    names = [("v480", "avc1"), ("v1080", "avc1"), ("v480h", "hvc1"), ("v1080h", "hvc1")]
    streams = read_packager(written(*((n, "video/mp4", c, n) for n, c in names)))
    hls = hls_main(film, streams)
    assert re.findall("VIDEO-RANGE=(\\w+)", hls) == ["SDR", "SDR", "HLG", "HLG"]
    sets = ET.fromstring(dash(film, streams)).findall(".//m:AdaptationSet", NS)
    tags = [[child.tag.rpartition("}")[2] for child in each] for each in sets]
    assert tags[0] == ["ContentProtection", "SupplementalProperty", "Role", "Representation"]
    assert tags[2] == [
        "ContentProtection",
        *["EssentialProperty"] * 3,
        *("SupplementalProperty", "Role", "Representation"),
    ], "in the order that DASH wants"
    switches = [each.find("m:SupplementalProperty", NS).get("value") for each in sets]  # type: ignore[union-attr]
    assert switches == ["1", "0", "3", "2"], "no switching between ranges"
