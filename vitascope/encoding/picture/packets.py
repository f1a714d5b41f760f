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
    profile: str
    level: int
    start_pts: int
    time_base: str


class _Packet(msgspec.Struct):
    pts: int = 0
    size: str = "0"
    flags: str = ""


class _Stream(msgspec.Struct):
    extradata_hash: str = ""
    profile: str = ""
    level: int = 0
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
    entries = "stream=extradata_hash,profile,level,start_pts,time_base"
    told = await _probe(
        workspace,
        file,
        ["-select_streams", "v:0", "-show_data_hash", "sha256", "-show_entries", entries],
    )
    if not told.streams:
        raise EncodingFailed(f"{file.name} holds no video.")
    stream = told.streams[0]
    return Configuration(
        extradata_sha256=stream.extradata_hash.removeprefix("SHA256:"),
        profile=stream.profile,
        level=stream.level,
        start_pts=stream.start_pts,
        time_base=stream.time_base,
    )


async def _probe(workspace: Workspace, file: Path, args: list[str]) -> _FfprobeOutput:
    result = await workspace.run(
        media.Tool.FFPROBE,
        ["-v", "error", *args, "-of", "json", "-i", "{in.file}"],
        {"file": media.Input(path=file, trusted=True)},
    )
    return msgspec.json.decode(result.stdout, type=_FfprobeOutput)
