"""What a partner sends, and how it arrives."""

import asyncio
from collections.abc import AsyncIterator

import msgspec

from tests.ingest.server import TITLE, outbox_of
from vitascope.engines.rows import Rows
from vitascope.ingest import (
    MasterReceived,
    UploadDraft,
)
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import ContentId

MIB = 1 << 20


def draft(size: int, **changes: object) -> UploadDraft:
    plain = UploadDraft(
        file_name="film.mov", size=size, title_id=TITLE, content_id=ContentId(TITLE)
    )
    return msgspec.structs.replace(plain, **changes)


async def arriving(*chunks: bytes, then: Exception | None = None) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    if then is not None:
        raise then


class Slow:
    """A sender that waits between its bytes until told; `heard` when the first are written."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()
        self.go = asyncio.Event()

    async def chunks(self, first: bytes, second: bytes) -> AsyncIterator[bytes]:
        yield first
        self.heard.set()
        await self.go.wait()
        yield second


async def announced(rows: Rows, clock: HeldClock) -> list[MasterReceived]:
    waiting = await outbox_of(rows, clock).waiting(100)
    return [msgspec.json.decode(envelope.body, type=MasterReceived) for _, envelope in waiting]
