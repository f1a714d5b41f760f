"""Seed a service that runs in other processes, by its contracts over the wire.

Whoever runs the service brings its demo, so its films are taken also where no sandbox works and a
partner's would be refused.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from vitascope.catalog import TitleRecords
from vitascope.client import Client
from vitascope.ingest import Ingest, SubtitleDraft, UploadDraft, UploadPriority
from vitascope.kernel.media import Language
from vitascope.operations.demo.films import DemoMaster
from vitascope.operations.demo.seed import Trouble, Upload
from vitascope.operations.demo.sign_ins import SignIn

_PIECE = 1 << 20


def upload_to(ingest: Ingest, catalog: TitleRecords) -> Upload:
    """Returns a function that uploads for the title's partner."""

    async def upload(folder: Path, master: DemoMaster, priority: UploadPriority) -> None:
        (title,) = await catalog.titles([master.title_id])
        assert title.partner_id is not None
        for language, name in master.texts().items():
            await ingest.put_subtitles(
                title.partner_id,
                SubtitleDraft(
                    title_id=master.title_id,
                    content_id=master.content_id,
                    language=Language(language),
                    file_name=name,
                    by_operator=True,
                ),
                await asyncio.to_thread((folder / name).read_bytes),
            )
        file = folder / master.file
        draft = UploadDraft(
            file_name=file.name,
            size=(await asyncio.to_thread(file.stat)).st_size,
            title_id=master.title_id,
            content_id=master.content_id,
            priority=priority,
            by_operator=True,
        )
        begun = await ingest.create(title.partner_id, draft)
        await ingest.append(title.partner_id, begun.id, 0, _read(file))

    return upload


async def _read(file: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(file.open, "rb") as source:
        while piece := await asyncio.to_thread(source.read, _PIECE):
            yield piece


def trouble_by_http(server: str, by: SignIn) -> Trouble:
    """Returns why films will not come: the reason of each job that ended without a title, or waits
    for room on the disk, by content."""

    async def trouble() -> dict[str, str]:
        async with Client(server) as client:
            await client.sign_in(by.email, by.password, device="First start")
            return {
                job.content_id: job.reason
                for job in (await client.jobs()).jobs
                if job.state in ("failed", "rejected", "cancelled", "no-room")
            }

    return trouble
