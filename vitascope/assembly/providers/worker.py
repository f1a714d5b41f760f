"""A worker: it publishes and encodes what is in the queues."""

import itertools

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.catalog import TitleRecords
from vitascope.encoding.encoder import Encoder
from vitascope.engines.guard import Bulkhead
from vitascope.licensing import Licensing
from vitascope.publishing import jobs
from vitascope.publishing.ledger import Ledger
from vitascope.publishing.parts import queues
from vitascope.publishing.pictures import Illustrator
from vitascope.publishing.plans import Plans
from vitascope.publishing.run import Tools


async def provide(engines: Engines, *, title_records: TitleRecords, licensing: Licensing) -> Offer:
    settings = engines.settings.publishing
    crew = engines.crew(queues(settings))
    encoder = Encoder(
        blobs=engines.blobs,
        media=engines.media,
        folder=engines.data / "work" / engines.name,
        settings=engines.settings.encoding,
    )
    rows, outbox = await engines.announcing("publishing")
    tools = Tools(
        encoding=encoder,
        catalog=title_records,
        licensing=licensing,
        illustrator=Illustrator(
            encoding=encoder,
            catalog=title_records,
            blobs=engines.blobs,
            willing=settings.artwork,
        ),
        plans=Plans(engines.blobs),
        ledger=Ledger(rows=rows, outbox=outbox, clock=engines.clock),
        settings=settings,
        bench=Bulkhead(settings.steps_at_once, queue=None),
        taken_up=itertools.count(),
    )
    jobs.enlist(crew, tools)
    return Offer(tasks=(crew.run,))
