"""What is like what. The model lives in this process, which learns all titles when it starts."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.catalog import Catalog
from vitascope.recommend import jobs
from vitascope.recommend.taste import TraitsTaste


async def provide(engines: Engines, *, catalog: Catalog) -> Offer:
    taste = TraitsTaste()
    await jobs.listen(await engines.bus(), catalog, taste)
    await jobs.learn_all(catalog, taste)
    return Offer(contracts={"recommend": taste})
