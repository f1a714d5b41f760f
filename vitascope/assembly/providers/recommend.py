"""What is like what, and what a profile would like. The model lives in this process, which learns
all titles when it starts; tastes live in a database that all processes share."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.catalog import TitleRecords
from vitascope.recommend import jobs
from vitascope.recommend.live_model import LiveModel
from vitascope.recommend.sparse import SparseRecommend
from vitascope.viewing import Viewing


async def provide(engines: Engines, *, title_records: TitleRecords, viewing: Viewing) -> Offer:
    bus, clock, settings = await engines.bus(), engines.clock, engines.settings.recommend
    model = LiveModel(clock=clock, settings=settings)
    await jobs.follow_titles(bus, title_records, model)
    await jobs.learn_all(title_records, model)
    rows, outbox = await engines.announcing("recommend")
    recommend = SparseRecommend(
        rows=rows, outbox=outbox, model=model, viewing=viewing, clock=clock, settings=settings
    )
    jobs.follow_tastes(bus, recommend)
    return Offer(contracts={"recommend": recommend}, tasks=(model.run,))
