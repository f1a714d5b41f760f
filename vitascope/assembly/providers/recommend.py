"""What is like what. The model lives in this process, which learns all titles when it starts."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.catalog import TitleRecords
from vitascope.recommend import jobs
from vitascope.recommend.taste import TraitsTaste


async def provide(engines: Engines, *, title_records: TitleRecords) -> Offer:
    taste = TraitsTaste()
    await jobs.listen(await engines.bus(), title_records, taste)
    await jobs.learn_all(title_records, taste)
    return Offer(contracts={"recommend": taste})
