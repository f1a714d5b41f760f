"""A worker process with the real encoder: `python -m tests.publishing.real_worker DATA`.

It tells a test what it does, as `reporting.py` says.
"""

import asyncio
import sys
from pathlib import Path

from tests.publishing.reporting import ReportingBlobs, ReportingMedia, ReportingWorker
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
    settings = settings_of(tidy=False, attempts=2)
    asyncio.run(work(folder, encoder_of(folder), settings, worker=ReportingWorker))
