"""Packets and decoded frames of a file, told by their hashes.

Frames are many megabytes each, so theirs is MurmurHash3: an eighth of the time of MD5, which took
as long as decoding them. They are compared with others of the same run, not with what somebody else
says they should be.
"""

import asyncio
from pathlib import Path

from vitascope.encoding.contract.request import EncodingFailed
from vitascope.encoding.workspace import Workspace
from vitascope.engines import media
from vitascope.licensing import ContentKey

Hashes = list[tuple[int, str]]  # bytes, and their hash

_OF_FRAMES = ("-f", "framehash", "-hash", "murmur3")

# Of H.264 the slices. What stands beside them is clear in every scheme: what x264 says of itself
# (700 bytes before the first slice of a chunk), captions.
_SLICES = ("-bsf:v", "filter_units=pass_types=1-5")


async def hashes_of(
    workspace: Workspace,
    file: media.Input,
    kind: str,
    *,
    key: ContentKey | None = None,
    decode: bool = True,
    slices: bool = False,
) -> tuple[Hashes, Hashes]:
    """Returns the hash of every packet (of its slices alone where `slices` is asked for), and of
    every decoded frame where asked for."""
    opened = ["-decryption_key", "{secret.key}"] if key else []
    kept = _SLICES if slices else ()
    copied = ["-map", f"0:{kind}:0", "-c", "copy", *kept, "-f", "framemd5", "{out}/packets"]
    decoded = ["-map", f"0:{kind}:0", *_OF_FRAMES, "{out}/frames"]
    async with workspace.folder() as folder:
        await workspace.run(
            media.Tool.FFMPEG,
            ["-xerror", *opened, "-i", "{in.file}", *copied, *(decoded if decode else [])],
            {"file": file},
            folder,
            frames=100_000,
            secrets={"key": key.key.hex()} if key else None,
        )
        packets = await asyncio.to_thread(read_hashes, folder / "packets")
        frames = await asyncio.to_thread(read_hashes, folder / "frames") if decode else []
        return packets, frames


async def seen_without_key(workspace: Workspace, file: media.Input, frames: int) -> Hashes:
    """Returns the hashes of the first `frames` that come out without the key."""
    args = ["-i", "{in.file}", "-map", "0:v:0", "-frames:v", str(frames)]
    async with workspace.folder() as folder:
        try:
            await workspace.run(
                media.Tool.FFMPEG,
                [*args, *_OF_FRAMES, "{out}/frames"],
                {"file": file},
                folder,
                frames=frames,
            )
        except EncodingFailed:
            return []  # it refused altogether, which is as locked as can be
        return await asyncio.to_thread(read_hashes, folder / "frames")


def read_hashes(file: Path) -> Hashes:
    """Returns the fifth and sixth field; what stands after them is side data, which a file may
    lack."""
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    fields = [line.split(",") for line in lines]
    return [(int(each[4]), each[5].strip()) for each in fields]
