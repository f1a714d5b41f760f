"""Seed a service that runs in other processes: contracts over the wire, uploads over HTTP.

Uploads go the way of every partner's, by the public API, so that the first start exercises it.
"""

from pathlib import Path

from vitascope.client import Client
from vitascope.operations.demo.films import DemoMaster
from vitascope.operations.demo.people import PARTNER
from vitascope.operations.demo.seed import Trouble, Upload


def upload_by_http(server: str) -> Upload:
    """Returns a function that uploads as the demo's partner to `server`."""

    async def upload(file: Path, master: DemoMaster, priority: str) -> None:
        async with Client(server) as client:
            await client.sign_in(*PARTNER, device="First start")
            title = await client.title(master.title_id)
            await client.upload(
                file,
                title,
                priority=priority,
                on_bytes=lambda _sent, _size: None,
                content_id=master.content_id,
            )

    return upload


def trouble_by_http(server: str) -> Trouble:
    """Returns why films will not come: the reason of each job that ended without a title, by
    content."""

    async def trouble() -> dict[str, str]:
        async with Client(server) as client:
            await client.sign_in(*PARTNER, device="First start")
            return {
                job.content_id: job.reason
                for job in await client.jobs()
                if job.state in ("failed", "rejected", "cancelled")
            }

    return trouble
