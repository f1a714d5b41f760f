"""The API: the gateway, and all the domains behind it."""

from litestar import Router

from vitascope.assembly.records import Records
from vitascope.billing import Billing
from vitascope.billing import jobs as billing_jobs
from vitascope.billing.ledger import Ledger as BillingLedger
from vitascope.billing.routes import routes as billing_routes
from vitascope.catalog import Catalog
from vitascope.catalog.routes import routes as catalog_routes
from vitascope.engines.cache.memory import MemoryCache
from vitascope.engines.leases.rows import MIGRATIONS as LEASES
from vitascope.engines.leases.rows import RowsLeases
from vitascope.engines.text.sqlite import MIGRATIONS as TEXT
from vitascope.engines.text.sqlite import SqliteText
from vitascope.engines.work.dbos import DbosWork
from vitascope.homepage import jobs as homepage_jobs
from vitascope.homepage.desk import HomepageDesk
from vitascope.homepage.routes import routes as homepage_routes
from vitascope.identity import Identity
from vitascope.identity.accounts import Accounts
from vitascope.identity.routes import routes as identity_routes
from vitascope.ingest import jobs as ingest_jobs
from vitascope.ingest.routes import routes as ingest_routes
from vitascope.ingest.upload import MasterDesk
from vitascope.kernel.country import Country
from vitascope.kernel.ids import TitleId
from vitascope.kernel.viewer import Viewer
from vitascope.licensing.routes import routes as licensing_routes
from vitascope.playback.projection import Projection
from vitascope.playback.routes import origin_routes
from vitascope.playback.routes import routes as playback_routes
from vitascope.publishing import jobs as publishing_jobs
from vitascope.publishing.desk import ReleaseDesk
from vitascope.publishing.routes import routes as publishing_routes
from vitascope.recommend import jobs as recommend_jobs
from vitascope.recommend.taste import TraitsTaste
from vitascope.search import jobs as search_jobs
from vitascope.search.finder import SearchFinder
from vitascope.steering.routes import routes as steering_routes
from vitascope.viewing import Viewing
from vitascope.viewing.diary import ViewingDiary
from vitascope.viewing.routes import routes as viewing_routes


class Api(Records):
    async def routers(self) -> list[Router]:
        """The gateway's routes, with all the domains behind them."""
        settings, cache = self.settings, MemoryCache(clock=self.clock)
        identity, billing = await self.identity(), await self.billing()
        catalog, viewing = await self.catalog(), await self.viewing()
        licensing, steering = await self.licensing(), await self.steering()
        homepage = await self._homepage(catalog, viewing, cache)
        ingest = await self._ingest(catalog)
        desk = ReleaseDesk(
            rows=(ledger := await self.job_ledger()).rows, ledger=ledger, work=self._work()
        )
        publishing_jobs.subscribe(await self.bus(), desk)
        self.endless.append(lambda: publishing_jobs.keep_honest(desk, self.clock))
        playback = Projection(
            rows=await self.rows("playback"),
            leases=RowsLeases(rows=await self.rows("leases", LEASES), clock=self.clock),
            cache=cache,
            blobs=self.blobs,
            billing=billing,
            catalog=catalog,
            viewing=viewing,
            licensing=licensing,
            steering=steering,
            clock=self.clock,
            settings=settings.playback,
            ring=await self.path_keys(),
            session_key=await self.secrets.get_or_make("sessions"),
            metrics=self.metrics,
        )

        self.endless.append(playback.run)

        async def may_see(title_id: TitleId, viewer: Viewer) -> None:
            await catalog.page(title_id, viewer)

        return [
            identity_routes(
                identity,
                country=Country(settings.house.country),
                secure_cookies=settings.house.public_url.startswith("https:"),
                refresh_days=settings.identity.refresh_token_days,
            ),
            billing_routes(billing, identity),
            catalog_routes(catalog, self.blobs, self.clock),
            viewing_routes(viewing, may_see),
            homepage_routes(homepage),
            playback_routes(playback),
            origin_routes(playback.origin),
            licensing_routes(licensing),
            steering_routes(steering),
            ingest_routes(ingest, settings.ingest),
            publishing_routes(desk, settings.publishing),
        ]

    async def identity(self) -> Identity:
        rows, outbox = await self.announcing("identity")
        accounts = Accounts(
            rows=rows,
            outbox=outbox,
            signing_secret=await self.secrets.get_or_make("access-tokens"),
            refresh_secret=await self.secrets.get_or_make("refresh-tokens"),
            clock=self.clock,
            settings=self.settings.identity,
        )
        self.stack.push_async_callback(accounts.close)
        self.signed_in = accounts
        return self.serve(Identity, accounts)

    async def billing(self) -> Billing:
        rows = await self.rows("billing")
        ledger = BillingLedger(rows=rows, clock=self.clock, settings=self.settings.billing)
        billing_jobs.listen(await self.bus(), ledger)
        return self.serve(Billing, ledger)

    async def viewing(self) -> Viewing:
        rows, outbox = await self.announcing("viewing")
        return self.serve(Viewing, ViewingDiary(rows=rows, outbox=outbox, clock=self.clock))

    async def _homepage(
        self, catalog: Catalog, viewing: Viewing, cache: MemoryCache
    ) -> HomepageDesk:
        bus = await self.bus()
        search = SearchFinder(
            rows=await self.rows("search"), text=SqliteText(await self.rows("text", TEXT))
        )
        recommend = TraitsTaste()
        await recommend_jobs.listen(bus, catalog, recommend)
        await recommend_jobs.learn_all(catalog, recommend)
        search_jobs.listen(bus, catalog, search)
        await search_jobs.catch_up(catalog, search)
        await homepage_jobs.listen(bus, cache)
        homepage_jobs.follow_profiles(bus, viewing)
        return HomepageDesk(
            catalog=catalog,
            viewing=viewing,
            search=search,
            recommend=recommend,
            cache=cache,
            clock=self.clock,
            settings=self.settings.homepage,
            metrics=self.metrics,
        )

    async def _ingest(self, catalog: Catalog) -> MasterDesk:
        rows, outbox = await self.announcing("ingest")
        desk = MasterDesk(
            rows=rows,
            outbox=outbox,
            blobs=self.blobs,
            catalog=catalog,
            folder=self.data / "uploads",
            clock=self.clock,
            settings=self.settings.ingest,
        )
        self.endless.append(lambda: ingest_jobs.keep_tidy(desk, self.clock))
        return desk

    def _work(self) -> DbosWork:
        work = DbosWork(self.work_url())
        self.stack.push_async_callback(work.close)
        return work
