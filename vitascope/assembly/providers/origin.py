"""The files of published versions, for edges."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.catalog import PublishedAssets
from vitascope.origin.files import PublishedFiles
from vitascope.origin.routes import routes


async def provide(engines: Engines, *, published_assets: PublishedAssets) -> Offer:
    files = PublishedFiles(
        assets=published_assets,
        blobs=engines.blobs,
        ring=await engines.path_keys(),
        clock=engines.clock,
    )
    return Offer(inner_routers=(routes(files),))
