"""A worker with nothing but publishing, in a process of its own (`pretend_worker`).

The catalog is a file that keeps every flip of the pointer; keys are made from their names.
"""

import asyncio
import fcntl
import hashlib
import itertools
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import msgspec

from tests.notices import LostNotices
from tests.publishing.deaths import NEVER_S, tell_death
from tests.publishing.fake_encoding import FakeEncoding
from tests.publishing.file_catalog import FileCatalog
from vitascope.catalog import Asset, RecordsPage, TitleFilter, TitleRecords
from vitascope.encoding import Effort, Encoding
from vitascope.encoding.costs import costs_by
from vitascope.encoding.settings import EncodingSettings
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.bus.outbox import MIGRATIONS, RowsOutbox
from vitascope.engines.leases.rows import MIGRATIONS as LEASES
from vitascope.engines.leases.rows import RowsLeases
from vitascope.engines.notices import Notices, TopicListener
from vitascope.engines.notices.sockets import SocketNotices
from vitascope.engines.rows import Rows
from vitascope.engines.rows.sqlite import SqliteRows
from vitascope.engines.work import Work
from vitascope.engines.work.dbos_worker import DbosWorker
from vitascope.kernel.clock import Clock, SystemClock
from vitascope.kernel.ids import AccountId, AssetId, ContentId, KeyId, TitleId
from vitascope.kernel.media import FormatName, KeyLabel
from vitascope.licensing import ContentKey, Licensing
from vitascope.publishing.durable import DurablePublishing
from vitascope.publishing.finding_pictures import FindingPictures
from vitascope.publishing.forecaster import Forecaster
from vitascope.publishing.jobs import enlist
from vitascope.publishing.ledger import CHANGED, Ledger
from vitascope.publishing.overview import LIMITS
from vitascope.publishing.pictures import Illustrator
from vitascope.publishing.plans import EncodingPlans
from vitascope.publishing.reviews import Reviews
from vitascope.publishing.room import RoomWaits
from vitascope.publishing.running import Tools
from vitascope.publishing.schedule import Schedule
from vitascope.publishing.settings import PublishingSettings
from vitascope.publishing.sharing import QualityPages
from vitascope.publishing.stills import Stills
from vitascope.publishing.tasks import queues
from vitascope.publishing.turns import Turns

MakeEncoding = Callable[[Path], Encoding]


class FlipLog(FileCatalog):
    """As much of a catalog as publishing asks for."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self._file = data / "flips"

    async def publish(
        self, title_id: TitleId, asset: Asset, *, instead_of: str | None = None
    ) -> bool:
        def write() -> bool:
            with self._file.open("ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                flips = self.flips()
                if instead_of is not None and instead_of != (flips[-1].version if flips else ""):
                    return False
                file.write(msgspec.json.encode(asset) + b"\n")
                return True

        return await asyncio.to_thread(write)

    async def titles_of(
        self, partner_id: AccountId, wanted: TitleFilter, *, limit: int
    ) -> RecordsPage:
        film = await asyncio.to_thread(self.title)
        named = wanted.name.casefold() in film.wordings[0].name.casefold()
        return RecordsPage(titles=(film,) if named else ())

    async def asset(self, content_id: ContentId) -> Asset | None:
        flips = await asyncio.to_thread(self.flips)
        return flips[-1] if flips else None

    async def prepare(
        self, title_id: TitleId, asset: Asset, *, instead_of: str | None = None
    ) -> bool:
        there = await self.prepared(asset.content_id)
        if instead_of is not None and instead_of != (there.version if there else ""):
            return False
        file = self._file.with_name("prepared")
        await asyncio.to_thread(file.write_bytes, msgspec.json.encode(asset))
        return True

    async def prepared(self, content_id: ContentId) -> Asset | None:
        def read() -> Asset | None:
            file = self._file.with_name("prepared")
            if not file.exists():
                return None
            return msgspec.json.decode(file.read_bytes(), type=Asset)

        return await asyncio.to_thread(read)

    def flips(self) -> list[Asset]:
        lines = self._file.read_bytes().splitlines() if self._file.exists() else []
        return [msgspec.json.decode(line, type=Asset) for line in lines]


class Keys:
    """As much of licensing as publishing asks for."""

    async def keys_for(self, asset_id: AssetId, labels: tuple[KeyLabel, ...]) -> list[ContentKey]:
        made = [(label, hashlib.sha256(f"{asset_id} {label}".encode())) for label in labels]
        return [
            ContentKey(
                label=label,
                key_id=KeyId(digest.hexdigest()[:32]),
                key=digest.digest()[16:],
                iv=digest.digest()[:16],
            )
            for label, digest in made
        ]


async def open_rows(data: Path) -> Rows:
    migrations = ["vitascope.publishing.migrations", MIGRATIONS, LEASES]
    return await SqliteRows.open("publishing", folder=data, migrations=migrations)


def ledger_of(rows: Rows, notices: Notices | None = None) -> Ledger:
    clock = SystemClock()
    outbox = RowsOutbox(rows=rows, clock=clock, announced=lambda: None)
    return Ledger(rows=rows, outbox=outbox, notices=notices or LostNotices(), clock=clock)


def forecaster_of(
    rows: Rows,
    clock: Clock,
    encoding: EncodingSettings = EncodingSettings(),  # noqa: B008
) -> Forecaster:
    costs = costs_by(encoding)
    return Forecaster(
        rows=rows, leases=RowsLeases(rows=rows, clock=clock), clock=clock, cost_of=costs
    )


def notices_of(data: Path) -> Notices:
    return SocketNotices(folder=data / "notices")


def durable_of(
    rows: Rows,
    work: Work,
    data: Path,
    clock: Clock | None = None,
    notices: Notices | None = None,
    settings: PublishingSettings | None = None,
    later_formats: tuple[FormatName, ...] = (),
    effort: Effort = "balanced",
) -> DurablePublishing:
    catalog = cast(TitleRecords, FlipLog(data))
    ledger, clock = ledger_of(rows, notices or notices_of(data)), clock or SystemClock()
    return DurablePublishing(
        rows=rows,
        ledger=ledger,
        work=work,
        leases=RowsLeases(rows=rows, clock=clock),
        forecaster=forecaster_of(rows, clock),
        catalog=catalog,
        schedule=Schedule(ledger=ledger, catalog=catalog, clock=clock),
        stills=Stills(rows=rows, blobs=DiskBlobs(root=data / "blobs")),
        later_formats=later_formats,
        effort=effort,
        finding_pictures=FindingPictures(rows=rows, blobs=DiskBlobs(root=data / "blobs")),
        quality_pages=QualityPages(rows=rows, ledger=ledger, catalog=catalog),
        reviews=Reviews(
            rows=rows, ledger=ledger, work=work, settings=settings or PublishingSettings()
        ),
    )


def work_url(data: Path) -> str:
    return f"sqlite:///{data}/work.db"


def worker_name(pid: int) -> str:
    return f"test-{pid}"


def bury(data: Path, pid: int) -> None:
    """Tell the others that the worker with this process id is dead. Blocks."""
    tell_death(work_url(data), data / "notices", worker_name(pid))


async def work(
    data: Path,
    encoding: Encoding,
    settings: PublishingSettings,
    *,
    worker: type[DbosWorker] = DbosWorker,
    sandbox: str = "bubblewrap",
    settled: EncodingSettings = EncodingSettings(),  # noqa: B008 (frozen)
) -> None:
    async def opens_in() -> str:
        return sandbox

    rows = await open_rows(data)
    blobs, catalog = DiskBlobs(root=data / "blobs"), cast(TitleRecords, FlipLog(data))
    notices = notices_of(data)
    ledger = ledger_of(rows, notices)
    tools = Tools(
        encoding=encoding,
        catalog=catalog,
        licensing=cast(Licensing, Keys()),
        illustrator=Illustrator(
            encoding=encoding,
            catalog=catalog,
            blobs=blobs,
            stills=Stills(rows=rows, blobs=blobs),
        ),
        finding_pictures=FindingPictures(rows=rows, blobs=blobs),
        plans=EncodingPlans(blobs),
        ledger=ledger,
        forecaster=forecaster_of(rows, SystemClock(), settled),
        schedule=Schedule(ledger=ledger, catalog=catalog, clock=SystemClock()),
        settings=settings,
        turns=Turns(settings.steps_at_once),
        room=RoomWaits(encoding=encoding, ledger=ledger, clock=SystemClock(), every_s=0.2),
        started=itertools.count(),
        scheme="cbcs",
        sandbox=opens_in,
        changed=TopicListener(notices, CHANGED, SystemClock()),
    )
    member = worker(
        work_url(data),
        name=worker_name(os.getpid()),
        queues=queues(settings, sandbox=sandbox != LIMITS),
        notices=notices,
        poll_s=settings.poll_s,
        dead_after_s=settings.dead_after_s,
    )
    enlist(member, tools)
    task = asyncio.create_task(member.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        await rows.close()


def settings_of(**changes: Any) -> PublishingSettings:
    quick = PublishingSettings(poll_s=0.1, dead_after_s=NEVER_S, attempts=1, progress_s=0.1)
    return msgspec.structs.replace(quick, **changes)


def pretend_worker(
    data: Path, pause_s: float, jobs_at_once: int, sandbox: str = "bubblewrap"
) -> None:
    settings = settings_of(jobs_at_once=jobs_at_once)
    asyncio.run(work(data, FakeEncoding(data, pause_s=pause_s), settings, sandbox=sandbox))
