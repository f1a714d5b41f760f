"""Masters in HDR, made short, and what their ladders in HDR are found to be."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tests.encoding.steps import SMALL, encoder_in, inspected, rendition
from vitascope.encoding import PlannedRung, PlanQuick, Source
from vitascope.encoding.contract.master import ContentLight, MasteringDisplay, StaticMetadata
from vitascope.encoding.local import LocalEncoding
from vitascope.engines.media import Input, Tool
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.kernel.media import Codec, Format

MEDIA = SandboxedMedia()
FAST = msgspec.structs.replace(SMALL, hevc_preset="ultrafast", av1_preset=12)
STATIC = StaticMetadata(
    display=MasteringDisplay(
        red=(34_000, 16_000),
        green=(13_251, 34_499),
        blue=(7_500, 3_000),
        white=(15_635, 16_450),
        most=10_000_000,
        least=51,
    ),
    light=ContentLight(pixel=987, picture=203),
)
_SAID = (
    "master-display=G(13251,34499)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,51)"
    ":max-cll=987,203"
)
NITS = (0.5, 5.0, 20.0, 50.0, 100.0, 203.0, 400.0, 1000.0)
CURVES = {"pq": "smpte2084", "hlg": "arib-std-b67"}


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


def codes_of(curve: str) -> NDArray[np.int64]:
    """The levels of the greys of a chart, in ten bits."""
    signal = by_pq if curve == "pq" else by_hlg
    return np.array([round(64 + 876 * signal(each)) for each in NITS])


def tagged(curve: str, primaries: str = "bt2020", matrix: str = "bt2020nc") -> str:
    names = f"color_primaries={primaries}:color_trc={CURVES[curve]}:colorspace={matrix}"
    return f"setparams={names}:range=tv"


def chart(curve: str, size: str = "512x128", rate: str = "24", seconds: float = 1.0) -> str:
    """A filter: greys side by side, and a stripe that moves below them."""
    patch = int(size.partition("x")[0]) / len(NITS)
    steps = "+".join(
        f"{code}*gte(X,{n * patch:g})*lt(X,{(n + 1) * patch:g})"
        for n, code in enumerate(codes_of(curve))
    )
    moving = f"if(gt(Y,H*0.8),64+mod(X*3+N*37,800),{steps})"
    source = f"color=s={size}:r={rate}:d={seconds:g},format=yuv420p10le"
    return f"{source},geq=lum='{moving}':cb=512:cr=512,{tagged(curve)}"


async def made(folder: Path, picture: str, name: str, *options: str) -> Path:
    args = ["-f", "lavfi", "-i", picture, *options, f"{{out}}/{name}"]
    await MEDIA.run(Tool.FFMPEG, args, inputs={}, output=folder)
    return folder / name


async def master(
    folder: Path, picture: str, name: str = "m.mp4", *, said: bool = True, params: str = ""
) -> Path:
    """A master in HEVC of 10 bits that says `STATIC` beside its first picture, or nothing."""
    words = ":".join(filter(None, ["log-level=error", _SAID if said else "", params]))
    options = ["-c:v", "libx265", "-preset", "ultrafast", "-crf", "4", "-x265-params", words]
    return await made(folder, picture, name, *options)


async def ranged(
    folder: Path, film: Path, codec: Codec = Codec.HEVC, lines: int = 2160, crf: float = 10.0
) -> tuple[LocalEncoding, Source, Path]:
    """A rung in the master's own range, fine: what was understood, and its clear file."""
    encoder, blobs = encoder_in(folder / "encoder", FAST)
    source = await inspected(encoder, blobs, str(film))
    shots = (await encoder.run(PlanQuick(source=source))).shots
    height = min(lines, source.height)
    rung = PlannedRung(
        name="v",
        width=round(source.width * height / source.height / 2) * 2,
        height=height,
        crfs=(crf,),
        bitrate_kbps=0.0,
        format=Format(codec, source.dynamic_range),
    )
    found = await rendition(encoder, source, shots, rung)
    assert found.frames == source.frames
    return encoder, source, await blobs.fetch(found.key, folder / "rendition.mp4")


async def stream_of(file: Path) -> dict[str, Any]:
    args = ["-v", "error", "-select_streams", "v:0", "-show_streams", "-of", "json", "-i", "{in.c}"]
    told = await MEDIA.run(Tool.FFPROBE, args, inputs={"c": Input(path=file, trusted=True)})
    return dict(json.loads(told.stdout)["streams"][0])


async def luma(file: Path, frame: int = 0) -> NDArray[np.uint16]:
    """Of one frame, in ten bits as it is stored."""
    told = await stream_of(file)
    one = ["-vf", f"trim=start_frame={frame},setpts=0", "-frames:v", "1"]
    args = ["-i", "{in.c}", *one, "-f", "rawvideo", "-pix_fmt", "yuv420p10le", "-"]
    raw = await MEDIA.run(Tool.FFMPEG, args, inputs={"c": Input(path=file, trusted=True)})
    width, height = int(told["width"]), int(told["height"])
    return np.frombuffer(raw.stdout, "<u2")[: width * height].reshape(height, width)


def greys(picture: NDArray[np.uint16]) -> NDArray[np.float64]:
    """The levels of a chart's greys, away from their seams."""
    width = picture.shape[1] / len(NITS)
    rows = picture[: round(picture.shape[0] * 0.7)]
    places = [(int((n + 0.3) * width), int((n + 0.7) * width)) for n in range(len(NITS))]
    return np.array([rows[:, begin:end].mean() for begin, end in places])


async def said_by_frames(file: Path) -> dict[str, dict[str, Any]]:
    """What a decoder finds beside the first picture, by ffprobe's names."""
    args = ["-v", "error", "-select_streams", "v:0", "-show_frames", "-read_intervals", "%+#1"]
    given = {"c": Input(path=file, trusted=True)}
    told = await MEDIA.run(Tool.FFPROBE, [*args, "-of", "json", "-i", "{in.c}"], inputs=given)
    sides = json.loads(told.stdout)["frames"][0].get("side_data_list", [])
    return {side["side_data_type"]: side for side in sides}


class _Bits:
    def __init__(self) -> None:
        self._written = ""

    def add(self, value: int, bits: int) -> None:
        self._written += f"{value:0{bits}b}"

    def closed(self) -> bytes:
        whole = self._written + "0" * (-len(self._written) % 8)
        return int(whole, 2).to_bytes(len(whole) // 8)


def dynamic_sei() -> bytes:
    """A message of HDR10+ (SMPTE ST 2094-40) as it stands in a stream of HEVC: one window, no tone
    mapping of its own."""
    told = _Bits()
    for value, bits in ((0xB5, 8), (0x3C, 16), (1, 16), (4, 8), (1, 8), (1, 2), (1000, 27), (0, 1)):
        told.add(value, bits)
    for value, bits in (*[(50_000, 17)] * 3, (2_000, 17), (1, 4), (50, 7), (30_000, 17), (10, 10)):
        told.add(value, bits)
    for _ in range(3):
        told.add(0, 1)
    payload = told.closed()
    message = bytes([39 << 1, 1, 4, len(payload)]) + payload + b"\x80"
    escaped, zeros = bytearray(), 0
    for byte in message:
        if zeros >= 2 and byte <= 3:
            escaped.append(3)
            zeros = 0
        escaped.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return b"\0\0\0\1" + bytes(escaped)


def with_dynamic(stream: bytes) -> bytes:
    """The stream with such a message before each picture."""
    made, behind = bytearray(), 0
    for found in re.finditer(b"\0\0\1", stream):
        at = found.start()
        kind, is_first = stream[at + 3] >> 1 & 63, stream[at + 5] & 0x80
        if kind < 32 and is_first:
            begin = at - 1 if stream[at - 1] == 0 else at
            made += stream[behind:begin] + dynamic_sei()
            behind = begin
    return bytes(made + stream[behind:])
