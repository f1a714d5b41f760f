"""I4: patches of known colours come out as they were, by whatever matrix a master has them."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.encoding.picture.test_frames import MEDIA, luma, rgb_of, shown, tags_of
from vitascope.encoding.contract.master import Severity
from vitascope.encoding.master.colour import of_colour
from vitascope.encoding.master.inspect import inspect
from vitascope.encoding.master.qc import quality
from vitascope.engines.media import Input, Tool

pytestmark = pytest.mark.long

PATCHES = np.array(
    [[200, 30, 40], [30, 180, 60], [40, 50, 190], [190, 180, 20], [120, 120, 120], [210, 160, 130]]
)
ACROSS = 192  # pixels of each; together wide enough for the matrix of HD

Coded = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def by_weights(of_red: float, of_blue: float) -> Coded:
    """Y, Cb and Cr of R'G'B' (0 to 1) by the weights that ITU-T H.273 gives for a matrix."""

    def coded(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
        red, green, blue = rgb.T
        y = of_red * red + (1 - of_red - of_blue) * green + of_blue * blue
        return np.stack([y, (blue - y) / (2 - 2 * of_blue), (red - y) / (2 - 2 * of_red)], axis=-1)

    return coded


def by_ycgco(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    red, green, blue = rgb.T
    y, cg = (red + 2 * green + blue) / 4, (2 * green - red - blue) / 4
    return np.stack([y, cg, (red - blue) / 2], axis=-1)


MATRICES = {
    "bt709": by_weights(0.2126, 0.0722),
    "smpte170m": by_weights(0.299, 0.114),
    "bt2020nc": by_weights(0.2627, 0.0593),
    "fcc": by_weights(0.30, 0.11),
    "smpte240m": by_weights(0.212, 0.087),
    "ycgco": by_ycgco,
}


# x and y of red, green, blue and white.
PRIMARIES = {
    "bt709": ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), (0.3127, 0.3290)),
    "bt2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), (0.3127, 0.3290)),
    "smpte432": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.3127, 0.3290)),
}


def to_xyz(primaries: str) -> NDArray[np.float64]:
    """The matrix from light in these primaries to that of the eye (SMPTE RP 177)."""
    columns = np.array([(x / y, 1, (1 - x - y) / y) for x, y in PRIMARIES[primaries]]).T
    return np.asarray(columns[:, :3] * np.linalg.solve(columns[:, :3], columns[:, 3]))


def by_primaries(rgb: NDArray[np.float64], primaries: str) -> NDArray[np.float64]:
    """The same colours (0 to 1, of Rec. 709) in other primaries, on a screen of gamma 2.4."""
    light = np.linalg.solve(to_xyz(primaries), to_xyz("bt709") @ (rgb**2.4).T)
    return np.asarray(light.T ** (1 / 2.4))


async def patches(
    folder: Path,
    coded: NDArray[np.float64],
    matrix: str,
    *,
    full: bool,
    primaries: str = "bt709",
    transfer: str = "bt709",
) -> Path:
    """A master of one second; `coded` is a row for each patch, in Y, U and V."""
    stored = coded * 255 + (0, 128, 128) if full else coded * (219, 224, 224) + (16, 128, 128)
    planes = [
        "+".join(f"between(X,{n * ACROSS},{n * ACROSS + ACROSS - 1})*{value:.0f}"
                 for n, value in enumerate(plane))
        for plane in stored.T
    ]  # fmt: skip
    size = f"{len(coded) * ACROSS}x128"
    levels = "pc" if full else "tv"
    picture = (
        f"color=black:s={size}:r=10:d=1,format=yuv444p,"
        f"geq=lum='{planes[0]}':cb='{planes[1]}':cr='{planes[2]}',"
        f"setparams=color_primaries={primaries}:color_trc={transfer}:colorspace={matrix}"
        f":range={levels}"
    )
    return await written(folder, picture)


async def written(folder: Path, picture: str) -> Path:
    args = ["-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset", "ultrafast", "-qp", "1"]
    await MEDIA.run(Tool.FFMPEG, [*args, "{out}/m.mkv"], inputs={}, output=folder)
    return folder / "m.mkv"


async def seen(folder: Path, master: Path) -> NDArray[np.float64]:
    """The patches as players turn them back, by the tags of what is published."""
    return await seen_of((await shown(folder, master))[1])


async def seen_of(chunk: Path) -> NDArray[np.float64]:
    picture = await rgb_of(chunk)
    height, width, _ = picture.shape
    places = [round(width * (n + 0.5) / len(PATCHES)) for n in range(len(PATCHES))]
    return np.stack([picture[height // 2, place] for place in places])


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", MATRICES)
async def test_i4_colours_are_right_by_every_matrix(
    tmp_path: Path, matrix: str, full: bool
) -> None:
    master = await patches(tmp_path, MATRICES[matrix](PATCHES / 255), matrix, full=full)
    assert await seen(tmp_path, master) == pytest.approx(PATCHES, abs=5)


@pytest.mark.parametrize(
    ("primaries", "transfer", "matrix", "full"),
    [
        ("bt2020", "bt2020-10", "bt2020nc", False),
        ("bt2020", "bt709", "bt709", True),
        ("smpte432", "bt709", "bt709", False),
    ],
)
async def test_i4_colours_of_a_wider_range_are_those_of_rec709(
    tmp_path: Path, primaries: str, transfer: str, matrix: str, full: bool
) -> None:
    """Half of the players show SDR as Rec. 709, whatever its tags say."""
    pale = PATCHES / 2 + 64  # of full colours, one step of 8 bits is many in other primaries
    coded = MATRICES[matrix](by_primaries(pale / 255, primaries))
    told = {"primaries": primaries, "transfer": transfer}
    _, chunk = await shown(tmp_path, await patches(tmp_path, coded, matrix, full=full, **told))
    assert await seen_of(chunk) == pytest.approx(pale, abs=4)
    tags = await tags_of(chunk)
    assert {tags[f"color_{each}"] for each in ("primaries", "transfer", "space")} == {"bt709"}


async def test_i4_colours_of_digital_cinema_are_those_of_rec709(tmp_path: Path) -> None:
    """X'Y'Z' of 12 bits, whose white is 48 of 52.37 cd/m2 (SMPTE ST 428-1)."""
    light = (to_xyz("bt709") @ ((PATCHES / 255) ** 2.4).T).T
    codes = (4095 * (light * 48 / 52.37) ** (1 / 2.6)).round().astype("<u2") << 4
    picture = np.broadcast_to(np.repeat(codes, ACROSS, axis=0), (128, len(codes) * ACROSS, 3))
    (tmp_path / "raw").write_bytes(picture.tobytes())
    size = f"{len(codes) * ACROSS}x128"
    raw = ["-f", "rawvideo", "-pix_fmt", "xyz12le", "-s", size, "-r", "24", "-stream_loop", "9"]
    made = ["-c:v", "libopenjpeg", "-profile:v", "cinema2k", "-pix_fmt", "xyz12le", "{out}/m.mxf"]
    given = {"raw": Input(path=tmp_path / "raw", trusted=True)}
    await MEDIA.run(Tool.FFMPEG, [*raw, "-i", "{in.raw}", *made], inputs=given, output=tmp_path)
    _, chunk = await shown(tmp_path, tmp_path / "m.mxf")
    assert await seen_of(chunk) == pytest.approx(PATCHES, abs=4)
    tags = await tags_of(chunk)
    assert {tags[f"color_{each}"] for each in ("primaries", "transfer", "space")} == {"bt709"}


async def test_i4_colours_of_constant_luminance_are_right(tmp_path: Path) -> None:
    """As zimg makes them: their matrix is not linear."""
    pale = PATCHES / 2 + 64
    source = ",".join(
        f"drawbox=x={n * ACROSS}:w={ACROSS}:h=128:t=fill:color=0x{r:02x}{g:02x}{b:02x}"
        for n, (r, g, b) in enumerate(
            (255 * by_primaries(pale / 255, "bt2020")).round().astype(int)
        )
    )
    rgb = f"color=black:s={len(PATCHES) * ACROSS}x128:r=10:d=1,format=gbrp,{source}"
    tagged = (
        "format=gbrp,setparams=color_primaries=bt2020:color_trc=bt2020-10:colorspace=gbr:range=pc"
    )
    master = await written(
        tmp_path, f"{rgb},{tagged},zscale=matrix=bt2020c:range=tv,format=yuv444p"
    )
    assert await seen(tmp_path, master) == pytest.approx(pale, abs=5)


@pytest.mark.parametrize("form", ["ictcp", "gbr"])
async def test_i4_hdr_looks_the_same_by_every_matrix(tmp_path: Path, form: str) -> None:
    """In ICtCp and in RGB as in the usual matrix of BT.2020."""
    found = []
    for matrix in ("bt2020nc", form):
        folder = tmp_path / matrix
        folder.mkdir()
        bars = "smptehdbars=s=1152x128:r=10:d=1,format=gbrp10le"
        pq = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=gbr:range=pc"
        coded = "" if matrix == "gbr" else f",zscale=matrix={matrix}:range=tv,format=yuv444p10le"
        args = ["-f", "lavfi", "-i", f"{bars},{pq}{coded}", "-c:v", "ffv1", "{out}/m.mkv"]
        await MEDIA.run(Tool.FFMPEG, args, inputs={}, output=folder)
        found.append(await seen(folder, folder / "m.mkv"))
    assert found[1] == pytest.approx(found[0], abs=5)
    assert np.ptp(found[0], axis=0).min() > 50, "they are colours"


def by_pq(nits: float) -> float:
    """The signal of SMPTE ST 2084 for a brightness in cd/m2."""
    y = (nits / 10_000) ** (2610 / 16384)
    return float(((3424 + 2413 * 32 * y) / (4096 + 2392 * 32 * y)) ** (2523 / 32))


def by_hlg(nits: float) -> float:
    """That of ARIB STD-B67 for a grey on a display of 1,000 cd/m2, whose gamma is 1.2."""
    scene = (nits / 1000) ** (1 / 1.2)
    if scene <= 1 / 12:
        return float((3 * scene) ** 0.5)
    return float(0.17883277 * np.log(12 * scene - 0.28466892) + 0.55991073)


@pytest.mark.parametrize(("transfer", "signal"), [("smpte2084", by_pq), ("arib-std-b67", by_hlg)])
async def test_i7_white_paper_in_hdr_is_the_white_of_sdr_and_all_below_stays_as_bright(
    tmp_path: Path, transfer: str, signal: Callable[[float], float]
) -> None:
    """203 cd/m2 (BT.2408), as a display of SDR shows it (BT.1886); what is brighter is not lost
    but for the last of it."""
    nits = np.array([5.0, 20.0, 50.0, 100.0, 150.0, 203.0, 400.0, 1000.0])
    codes = [round(64 + 876 * signal(each)) for each in nits]
    steps = "+".join(f"{code}*between(X,{n * 64},{n * 64 + 63})" for n, code in enumerate(codes))
    told = f"color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc:range=tv"
    chart = (
        f"color=s={64 * len(nits)}x128:r=10:d=1,format=yuv420p10le,"
        f"geq=lum='{steps}':cb=512:cr=512,setparams={told}"
    )
    args = ["-f", "lavfi", "-i", chart, "-c:v", "ffv1", "{out}/m.mkv"]
    await MEDIA.run(Tool.FFMPEG, args, inputs={}, output=tmp_path)
    source, chunk = await shown(tmp_path, tmp_path / "m.mkv")
    assert source.transfer == transfer
    shown_as = ((_middles(await luma(chunk), len(nits)) - 16) / 219) ** 2.4
    wanted = nits / 203
    assert shown_as[:5] == pytest.approx(wanted[:5], rel=0.05, abs=0.004)
    assert 0.95 <= shown_as[5] <= 1.0
    assert shown_as[5] < shown_as[6] <= shown_as[7] <= 1.02


def _middles(picture: NDArray[Any], patches: int) -> NDArray[np.float64]:
    """The brightness of each of the patches that stand side by side, away from their seams."""
    width = picture.shape[-1] / patches
    places = [(int((n + 0.3) * width), int((n + 0.7) * width)) for n in range(patches)]
    return np.array([picture[..., begin:end].mean() for begin, end in places])


@pytest.mark.parametrize("matrix", ["ycgco", "bt2020c"])
async def test_i4_quality_is_looked_at_by_every_matrix(tmp_path: Path, matrix: str) -> None:
    """ffmpeg's scaler refuses to scale what it can't turn into RGB."""
    coded = by_ycgco(PATCHES / 255)
    master = await patches(tmp_path, coded, matrix, full=False)
    inspection = await inspect(MEDIA, master)
    assert inspection.source is not None
    assert [found.code for found in inspection.findings if "colour" in found.code] == [
        "colour-converted"
    ]
    report = await quality(MEDIA, master, inspection.source)
    assert all(found.severity is not Severity.REFUSAL for found in report.findings)


async def test_i4_pictures_that_say_something_else_than_their_file_are_read(tmp_path: Path) -> None:
    """Each picture of ProRes has tags of its own, where encoders leave a zero for what they don't
    know: ffmpeg's scaler refuses it."""
    told = "format=yuv422p10,setparams=color_primaries=bt2020:color_trc=bt2020-10"
    args = ["-f", "lavfi", "-i", f"testsrc2=s=64x36:r=10:d=1,{told}:colorspace=bt2020nc:range=tv"]
    await MEDIA.run(
        Tool.FFMPEG, [*args, "-c:v", "prores", "{out}/m.mov"], inputs={}, output=tmp_path
    )
    source, _ = await shown(tmp_path, tmp_path / "m.mov")
    report = await quality(MEDIA, tmp_path / "m.mov", source)
    assert all(found.severity is not Severity.REFUSAL for found in report.findings)


async def test_i4_a_matrix_that_cannot_be_turned_back_is_refused(tmp_path: Path) -> None:
    """ICtCp is made of PQ or HLG; of anything else nobody knows what it means."""
    master = await patches(tmp_path, by_ycgco(PATCHES / 255), "ictcp", full=False)
    inspection = await inspect(MEDIA, master)
    assert inspection.source is None
    (refusal,) = [one for one in inspection.findings if one.severity is Severity.REFUSAL]
    assert refusal.code == "unsupported-colour"
    assert "ictcp" in refusal.sentence and "Rec. 709" in refusal.sentence


async def test_i4_a_tag_of_rgb_on_a_picture_that_is_none_is_not_believed(tmp_path: Path) -> None:
    plain = await patches(tmp_path, MATRICES["bt709"](PATCHES / 255), "bt709", full=False)
    retag = ["-i", "{in.a}", "-c", "copy", "-bsf:v", "h264_metadata=matrix_coefficients=0"]
    inputs = {"a": Input(path=plain)}
    await MEDIA.run(Tool.FFMPEG, [*retag, "{out}/t.mkv"], inputs=inputs, output=tmp_path)
    shutil.move(tmp_path / "t.mkv", plain)
    source = (await inspect(MEDIA, plain)).source
    assert source is not None


STREAM = {"width": 1920, "height": 1080, "pix_fmt": "yuv420p10le"}


@pytest.mark.parametrize(
    ("told", "refused"),
    [
        ({}, False),
        ({"color_space": "unknown"}, False),
        ({"color_space": "gbr"}, False),
        ({"color_space": "ipt-c2"}, True),
        ({"color_space": "ycgco-re"}, True),
        ({"color_space": "ycgco-re", "pix_fmt": "gbrp"}, False),
        ({"color_space": "ictcp", "color_transfer": "smpte2084"}, False),
        ({"color_space": "ictcp", "color_transfer": "bt709"}, True),
        ({"color_transfer": "smpte428"}, True),
        ({"color_primaries": "smpte428", "pix_fmt": "rgb48le"}, True),
        ({"color_primaries": "smpte428", "pix_fmt": "xyz12le"}, False),
        (
            {"side_data_list": [{"dv_profile": 5, "dv_bl_signal_compatibility_id": 0}]},
            True,
        ),
        (
            {"side_data_list": [{"dv_profile": 8, "dv_bl_signal_compatibility_id": 1}]},
            False,
        ),
    ],
)
def test_colours_that_cannot_be_read_are_refused(told: dict[str, Any], refused: bool) -> None:
    assert bool(of_colour({**STREAM, **told})) is refused
