"""`vitascope run worker`, which tells a test what it does, as `told.py` says:
`python -m tests.publishing.told_worker run worker --name NAME --data DATA`.

It is the service's own worker in every other respect: three of its engines are others.
"""

from collections.abc import Sequence

import msgspec

from tests.publishing.role import run
from tests.publishing.told import ToldBlobs, ToldMedia, ToldWorker
from vitascope.assembly.adapters import ADAPTERS
from vitascope.assembly.engines import Engines
from vitascope.engines.blobs import Blobs
from vitascope.engines.media import Media
from vitascope.engines.work import Queue, Worker
from vitascope.settings import Settings


def told_blobs(engines: Engines) -> Blobs:
    return ToldBlobs(root=engines.data / "blobs")


def told_worker(engines: Engines, queues: Sequence[Queue]) -> Worker:
    settings = engines.settings.publishing
    return ToldWorker(
        engines.work_url(),
        name=engines.name,
        queues=queues,
        notices=engines.notices,
        poll_s=settings.poll_s,
        dead_after_s=settings.dead_after_s,
    )


def told_media(settings: Settings) -> Media:
    return ToldMedia(sandbox=settings.service.sandbox)


TOLD = msgspec.structs.replace(
    ADAPTERS,
    blobs={"disk": told_blobs},
    worker={"dbos": told_worker},
    media={"boxed": told_media},
)

if __name__ == "__main__":
    run(adapters=TOLD)
