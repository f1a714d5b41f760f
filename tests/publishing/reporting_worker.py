"""`vitascope run worker`, which tells a test what it does, as `reporting.py` says.

It is the service's own worker in every other respect: three of its engines are others.
"""

import os
import socket
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.publishing.reporting import ReportingBlobs, ReportingMedia, ReportingWorker, tell
from tests.publishing.role import run
from tests.publishing.worker import worker_name
from vitascope.assembly.adapters import ADAPTERS
from vitascope.assembly.engines import Engines
from vitascope.engines.blobs import Blobs
from vitascope.engines.media import Media
from vitascope.engines.work import Queue, Worker
from vitascope.settings import Settings


def reporting_blobs(engines: Engines) -> Blobs:
    return ReportingBlobs(root=engines.data / "blobs")


def reporting_worker(engines: Engines, queues: Sequence[Queue]) -> Worker:
    settings = engines.settings.publishing
    return ReportingWorker(
        engines.work_url(),
        name=worker_name(os.getpid()),
        queues=queues,
        notices=engines.notices,
        poll_s=settings.poll_s,
        dead_after_s=settings.dead_after_s,
    )


def reporting_media(settings: Settings) -> Media:
    return ReportingMedia(sandbox=settings.service.sandbox)


TOLD = msgspec.structs.replace(
    ADAPTERS,
    blobs={"disk": reporting_blobs},
    worker={"dbos": reporting_worker},
    media={"boxed": reporting_media},
)


def reporting_service_worker(data: Path, port: int, told: socket.socket) -> None:
    tell(told)
    run("worker", data=data, port=port, name="worker", adapters=TOLD)
