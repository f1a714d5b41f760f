"""The page a profile comes home to."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.catalog import Catalog
from vitascope.homepage import jobs
from vitascope.homepage.cached_homepage import CachedHomepage
from vitascope.recommend import Recommend
from vitascope.search import Search
from vitascope.viewing import Viewing


async def provide(
    engines: Engines,
    *,
    catalog: Catalog,
    viewing: Viewing,
    search: Search,
    recommend: Recommend,
) -> Offer:
    await jobs.listen(await engines.bus(), engines.cache)
    homepage = CachedHomepage(
        catalog=catalog,
        viewing=viewing,
        search=search,
        recommend=recommend,
        cache=engines.cache,
        clock=engines.clock,
        settings=engines.settings.homepage,
        metrics=engines.metrics,
    )
    return Offer(contracts={"homepage": homepage})
