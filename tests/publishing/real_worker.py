"""A worker process with the real encoder.

It tells a test what it does, as `reporting.py` says.
"""

import asyncio
import socket
from pathlib import Path

from tests.publishing.reporting import ReportingBlobs, ReportingMedia, ReportingWorker, tell
from tests.publishing.worker import settings_of, work
from vitascope.encoding.local import LocalEncoding
from vitascope.encoding.settings import EncodingSettings


def encoder_of(data: Path) -> LocalEncoding:
    return LocalEncoding(
        blobs=ReportingBlobs(root=data / "blobs"),
        media=ReportingMedia(),
        folder=data / "work",
        settings=EncodingSettings(
            preset="medium",
            hevc_preset="ultrafast",
            av1_preset=12,
            vp9_speed=8,
            heights=(144, 240),
            max_samples=2,
            sample_s=0.5,
            shot_max_s=1.0,
            shot_min_s=0.5,
            chunk_max_s=1.0,
            parallel=1,
        ),
    )


def reporting_worker(data: Path, told: socket.socket, faults: str = "") -> None:
    tell(told, faults)
    settings = settings_of(tidy=False, attempts=2)
    asyncio.run(work(data, encoder_of(data), settings, worker=ReportingWorker))
