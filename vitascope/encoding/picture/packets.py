"""What ffprobe tells of a stream that we wrote: its packets, and its decoder configuration."""

from pathlib import Path

import msgspec

from vitascope.encoding.contract.request import EncodingFailed
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media


class Packet(msgspec.Struct, frozen=True, kw_only=True):
    """In presentation order. `pts` in ticks of the stream's time base."""

    pts: int
    size: int
    key: bool


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    extradata_sha256: str
    extradata: bytes  # hvcC, av1C, avcC; empty for VP9
    profile: str
    level: int
    bit_depth: int
    start_pts: int
    time_base: str


class _Packet(msgspec.Struct):
    pts: int = 0
    size: str = "0"
    flags: str = ""


class _Stream(msgspec.Struct):
    extradata_hash: str = ""
    extradata: str = ""
    profile: str = ""
    level: int = 0
    pix_fmt: str = ""
    start_pts: int = 0
    time_base: str = ""


class _FfprobeOutput(msgspec.Struct):
    packets: list[_Packet] = []
    streams: list[_Stream] = []


async def packets_of(workspace: Workspace, file: Path, stream: str = "v:0") -> list[Packet]:
    entries = "packet=pts,size,flags"
    told = await _probe(workspace, file, ["-select_streams", stream, "-show_entries", entries])
    packets = [Packet(pts=p.pts, size=int(p.size), key="K" in p.flags) for p in told.packets]
    return sorted(packets, key=lambda packet: packet.pts)


async def configuration_of(workspace: Workspace, file: Path) -> Configuration:
    entries = "stream=extradata,extradata_hash,profile,level,pix_fmt,start_pts,time_base"
    told = await _probe(
        workspace,
        file,
        [
            *("-select_streams", "v:0", "-show_data", "-show_data_hash", "sha256"),
            "-show_entries",
            entries,
        ],
    )
    if not told.streams:
        raise EncodingFailed(f"{file.name} holds no video.")
    stream = told.streams[0]
    return Configuration(
        extradata_sha256=stream.extradata_hash.removeprefix("SHA256:"),
        extradata=bytes_of(stream.extradata),
        profile=stream.profile,
        level=stream.level,
        bit_depth=10 if "p10" in stream.pix_fmt else 8,
        start_pts=stream.start_pts,
        time_base=stream.time_base,
    )


def bytes_of(dump: str) -> bytes:
    """Returns the bytes of ffprobe's dump: an offset, words of four hex digits, the same as
    text."""
    rows = [line.partition(": ")[2].partition("  ")[0] for line in dump.splitlines()]
    return bytes.fromhex("".join(rows))


async def _probe(workspace: Workspace, file: Path, args: list[str]) -> _FfprobeOutput:
    result = await workspace.run(
        media.Tool.FFPROBE,
        ["-v", "error", *args, "-of", "json", "-i", "{in.file}"],
        {"file": media.Input(path=file, trusted=True)},
    )
    return msgspec.json.decode(result.stdout, type=_FfprobeOutput)
