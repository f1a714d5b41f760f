"""A worker process with the real encoder: `python -m tests.publishing.real_house DATA`.

Every encode of a chunk writes a line to the log when ffmpeg begins, and every chunk when it is
kept; so the log shows whether something finished was done again.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from tests.publishing.house import settings_of, work
from vitascope.encoding.encoder import Encoder
from vitascope.encoding.settings import EncodingSettings
from vitascope.engines.blobs import BlobInfo
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.media import Tool, ToolResult
from vitascope.engines.media.boxed import BoxedMedia


class Log:
    def __init__(self, file: Path) -> None:
        self._file = file

    async def say(self, line: str) -> None:
        def write() -> None:
            with self._file.open("a") as log:
                log.write(line + "\n")

        await asyncio.to_thread(write)


class LoggedMedia(BoxedMedia):
    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    async def run(self, tool: Tool, args: Sequence[str], **options: Any) -> ToolResult:
        if "{out}/chunk.mp4" in args:
            await self._log.say("encode " + " ".join(args))
        return await super().run(tool, args, **options)


class LoggedBlobs(DiskBlobs):
    def __init__(self, log: Log, root: Path) -> None:
        super().__init__(root=root)
        self._log = log

    async def put(
        self, key: str, content: bytes | AsyncIterator[bytes], *, overwrite: bool = False
    ) -> BlobInfo:
        kept = await super().put(key, content, overwrite=overwrite)
        if "/chunk/" in key:
            await self._log.say(f"kept {key}")
        return kept


def encoder_of(data: Path) -> Encoder:
    log = Log(data / "log")
    return Encoder(
        blobs=LoggedBlobs(log, data / "blobs"),
        media=LoggedMedia(log),
        folder=data / "work",
        settings=EncodingSettings(
            preset="medium",
            heights=(144, 240, 360),
            max_samples=2,
            sample_s=0.5,
            shot_max_s=1.0,
            shot_min_s=0.5,
            chunk_max_s=1.0,
            parallel=1,
        ),
    )


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    with (folder / "log").open("a") as opened:
        opened.write(f"ready {os.getpid()}\n")
    asyncio.run(work(folder, encoder_of(folder), settings_of(tidy=False, attempts=2)))
