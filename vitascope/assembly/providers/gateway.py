"""The routes of every domain, built from contracts: of this process, or dialled."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.billing import Billing
from vitascope.billing.routes import routes as billing_routes
from vitascope.catalog import Catalog, TitleRecords
from vitascope.catalog.routes import routes as catalog_routes
from vitascope.homepage import Homepage
from vitascope.homepage.routes import routes as homepage_routes
from vitascope.identity import Identity
from vitascope.identity.routes import routes as identity_routes
from vitascope.ingest import Ingest
from vitascope.ingest.routes import routes as ingest_routes
from vitascope.kernel.country import Country
from vitascope.kernel.ids import TitleId
from vitascope.kernel.viewer import Viewer
from vitascope.licensing import Licensing
from vitascope.licensing.routes import routes as licensing_routes
from vitascope.operations.events import routes as events_routes
from vitascope.playback import Playback
from vitascope.playback.routes import routes as playback_routes
from vitascope.publishing import Publishing
from vitascope.publishing.routes import routes as publishing_routes
from vitascope.steering import Steering
from vitascope.steering.routes import routes as steering_routes
from vitascope.viewing import Viewing
from vitascope.viewing.routes import routes as viewing_routes


async def provide(
    engines: Engines,
    *,
    identity: Identity,
    billing: Billing,
    catalog: Catalog,
    title_records: TitleRecords,
    viewing: Viewing,
    homepage: Homepage,
    playback: Playback,
    licensing: Licensing,
    steering: Steering,
    ingest: Ingest,
    publishing: Publishing,
) -> Offer:
    settings = engines.settings

    async def may_see(title_id: TitleId, viewer: Viewer) -> None:
        await catalog.page(title_id, viewer)

    return Offer(
        routers=(
            identity_routes(
                identity,
                country=Country(settings.service.country),
                secure_cookies=settings.service.public_url.startswith("https:"),
                refresh_days=settings.identity.refresh_token_days,
            ),
            billing_routes(billing, identity),
            catalog_routes(catalog, title_records, engines.blobs, engines.clock),
            viewing_routes(viewing, may_see),
            homepage_routes(homepage),
            playback_routes(playback),
            licensing_routes(licensing),
            steering_routes(steering),
            ingest_routes(ingest, settings.ingest),
            publishing_routes(publishing, settings.publishing, engines.clock),
            events_routes(await engines.bus()),
        )
    )
