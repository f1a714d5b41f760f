"""A worker: it publishes and encodes what is in the queues."""

import itertools

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.catalog import TitleRecords
from vitascope.encoding.local import LocalEncoding
from vitascope.engines.guard import Bulkhead
from vitascope.licensing import Licensing
from vitascope.publishing import jobs
from vitascope.publishing.ledger import Ledger
from vitascope.publishing.pictures import Illustrator
from vitascope.publishing.plans import EncodingPlans
from vitascope.publishing.running import Tools
from vitascope.publishing.tasks import queues


async def provide(engines: Engines, *, title_records: TitleRecords, licensing: Licensing) -> Offer:
    settings = engines.settings.publishing
    worker = engines.worker(queues(settings))
    encoding = LocalEncoding(
        blobs=engines.blobs,
        media=engines.media,
        folder=engines.data / "work" / engines.name,
        settings=engines.settings.encoding,
    )
    rows, outbox = await engines.announcing("publishing")
    plans = EncodingPlans(engines.blobs)
    tools = Tools(
        encoding=encoding,
        catalog=title_records,
        licensing=licensing,
        illustrator=Illustrator(
            encoding=encoding,
            catalog=title_records,
            blobs=engines.blobs,
            enabled=settings.artwork,
        ),
        plans=plans,
        ledger=Ledger(rows=rows, outbox=outbox, clock=engines.clock),
        settings=settings,
        turns=Bulkhead(settings.steps_at_once, queue=None),
        started=itertools.count(),
    )
    jobs.enlist(worker, tools)
    if not settings.tidy:
        return Offer(tasks=(worker.run,))
    return Offer(tasks=(worker.run, lambda: jobs.sweep(encoding, plans, settings, engines.clock)))
