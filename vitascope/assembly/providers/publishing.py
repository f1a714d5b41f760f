"""From a master received to a title published: where partners follow their jobs."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.catalog import TitleRecords
from vitascope.encoding.costs import costs_by
from vitascope.encoding.efforts import LATER_FORMATS
from vitascope.engines.notices import TopicListener
from vitascope.publishing import jobs
from vitascope.publishing.durable import DurablePublishing
from vitascope.publishing.finding_pictures import FindingPictures
from vitascope.publishing.forecaster import Forecaster
from vitascope.publishing.ledger import DUE, Ledger
from vitascope.publishing.reviews import Reviews
from vitascope.publishing.schedule import Schedule
from vitascope.publishing.sharing import QualityPages
from vitascope.publishing.stills import Stills


async def provide(engines: Engines, *, title_records: TitleRecords) -> Offer:
    rows, outbox = await engines.announcing("publishing")
    ledger = Ledger(rows=rows, outbox=outbox, notices=engines.notices, clock=engines.clock)
    work, leases = engines.work(), await engines.leases()
    effort, later = engines.settings.encoding.effort, engines.settings.publishing.later_formats
    publishing = DurablePublishing(
        rows=rows,
        ledger=ledger,
        work=work,
        leases=leases,
        forecaster=Forecaster(
            rows=rows,
            leases=leases,
            clock=engines.clock,
            cost_of=costs_by(engines.settings.encoding),
            formats=engines.settings.encoding.formats or ("h264",),
            first_version=engines.settings.publishing.first_version,
        ),
        catalog=title_records,
        schedule=Schedule(ledger=ledger, catalog=title_records, clock=engines.clock),
        stills=Stills(rows=rows, blobs=engines.blobs),
        later_formats=LATER_FORMATS[effort] if later is None else later,
        effort=effort,
        finding_pictures=FindingPictures(rows=rows, blobs=engines.blobs),
        quality_pages=QualityPages(rows=rows, ledger=ledger, catalog=title_records),
        reviews=Reviews(rows=rows, ledger=ledger, work=work, settings=engines.settings.publishing),
    )
    due = TopicListener(engines.notices, DUE, engines.clock)
    jobs.subscribe(await engines.bus(), publishing)
    return Offer(
        contracts={"publishing": publishing},
        tasks=(
            lambda: jobs.reconcile(publishing, engines.clock),
            lambda: jobs.publish_due(publishing, due),
        ),
    )
