"""A worker: it publishes and encodes what is in the queues."""

import itertools

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer, Task
from vitascope.catalog import TitleRecords
from vitascope.encoding.costs import costs_by
from vitascope.encoding.local import LocalEncoding
from vitascope.engines.notices import TopicListener
from vitascope.licensing import Licensing
from vitascope.publishing import jobs
from vitascope.publishing.finding_pictures import FindingPictures
from vitascope.publishing.forecaster import Forecaster
from vitascope.publishing.ledger import CHANGED, Ledger
from vitascope.publishing.overview import LIMITS, enter, sandbox_of
from vitascope.publishing.pictures import Illustrator
from vitascope.publishing.plans import EncodingPlans
from vitascope.publishing.room import RoomWaits
from vitascope.publishing.running import Tools
from vitascope.publishing.schedule import Schedule
from vitascope.publishing.stills import Stills
from vitascope.publishing.tasks import queues
from vitascope.publishing.turns import Turns


async def provide(engines: Engines, *, title_records: TitleRecords, licensing: Licensing) -> Offer:
    settings = engines.settings.publishing
    has_sandbox = await sandbox_of(engines.media) != LIMITS
    worker = engines.worker(queues(settings, sandbox=has_sandbox))
    encoding = LocalEncoding(
        blobs=engines.blobs,
        media=engines.media,
        folder=engines.data / "work" / engines.name,
        settings=engines.settings.encoding,
    )
    rows, outbox = await engines.announcing("publishing")
    plans = EncodingPlans(engines.blobs)
    stills = Stills(rows=rows, blobs=engines.blobs)
    ledger = Ledger(rows=rows, outbox=outbox, notices=engines.notices, clock=engines.clock)
    leases = await engines.leases()
    tools = Tools(
        encoding=encoding,
        catalog=title_records,
        licensing=licensing,
        illustrator=Illustrator(
            encoding=encoding,
            catalog=title_records,
            blobs=engines.blobs,
            stills=stills,
            enabled=settings.artwork,
        ),
        finding_pictures=FindingPictures(rows=rows, blobs=engines.blobs),
        plans=plans,
        ledger=ledger,
        forecaster=Forecaster(
            rows=rows,
            leases=leases,
            clock=engines.clock,
            cost_of=costs_by(engines.settings.encoding),
            formats=engines.settings.encoding.formats or ("h264",),
            first_version=settings.first_version,
        ),
        schedule=Schedule(ledger=ledger, catalog=title_records, clock=engines.clock),
        settings=settings,
        turns=Turns(settings.steps_at_once),
        room=RoomWaits(encoding=encoding, ledger=ledger, clock=engines.clock),
        started=itertools.count(),
        scheme=engines.settings.encoding.scheme,
        sandbox=engines.media.sandbox,
        changed=TopicListener(engines.notices, CHANGED, engines.clock),
    )
    jobs.enlist(worker, tools)
    tasks: list[Task] = [
        worker.run,
        lambda: enter(leases, engines.name, engines.clock, engines.media),
    ]
    if settings.tidy:
        tasks.append(lambda: jobs.sweep(encoding, plans, stills, settings, engines.clock))
    return Offer(tasks=tuple(tasks))
