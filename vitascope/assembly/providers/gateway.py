"""The routes of every domain, built from contracts: of this process, or dialled."""

import inspect
from functools import partial

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.assembly.reach import addresses
from vitascope.billing import Billing
from vitascope.billing.routes import routes as billing_routes
from vitascope.catalog import Catalog, NoSuchTitle, Playable, TitleRecords
from vitascope.catalog.routes import routes as catalog_routes
from vitascope.engines.notices import TopicListener
from vitascope.homepage import Homepage
from vitascope.homepage.routes import routes as homepage_routes
from vitascope.identity import Identity
from vitascope.identity.catalogue_routes import routes as catalogue_routes
from vitascope.identity.console import routes as account_console_routes
from vitascope.identity.credential_routes import routes as credential_routes
from vitascope.identity.device_code_routes import routes as device_code_routes
from vitascope.identity.routes import routes as identity_routes
from vitascope.ingest import Ingest
from vitascope.ingest.routes import routes as ingest_routes
from vitascope.kernel.country import Country
from vitascope.kernel.ids import AccountId, ContentId, TitleId
from vitascope.kernel.viewer import Principal, Role, Viewer
from vitascope.licensing import Licensing
from vitascope.licensing.routes import routes as licensing_routes
from vitascope.operations.console import SettingsSection, ShownSetting
from vitascope.operations.console import routes as console_routes
from vitascope.operations.events import routes as events_routes
from vitascope.operations.load import LoadHistory
from vitascope.operations.trust import routes as trust_routes
from vitascope.playback import Playback
from vitascope.playback.console import routes as playback_console_routes
from vitascope.playback.routes import routes as playback_routes
from vitascope.publishing import Publishing
from vitascope.publishing.console import routes as publishing_console_routes
from vitascope.publishing.ledger import CHANGED
from vitascope.publishing.routes import routes as publishing_routes
from vitascope.publishing.sharing_routes import routes as sharing_routes
from vitascope.settings import Settings, documentation, sections, without_secrets
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

    async def content_of(title_id: TitleId, viewer: Viewer) -> ContentId:
        resume = (await homepage.title(viewer, title_id)).resume
        return (resume and resume.content_id) or ContentId(title_id)

    async def previewed(
        who: Principal, title_id: TitleId, content_id: ContentId, locale: str
    ) -> Playable:
        title = next(iter(await title_records.titles([title_id])), None)
        if title is None or (who.role is Role.PARTNER and title.partner_id != who.account_id):
            raise NoSuchTitle("You have no such title.")
        return await title_records.previewed(title_id, content_id, locale)

    async def name_of(account_id: AccountId) -> str:
        return (await identity.account(account_id)).name

    load = LoadHistory(steering, engines.clock)
    return Offer(
        tasks=(load.run,),
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
            playback_routes(playback, content_of, previewed),
            licensing_routes(licensing),
            steering_routes(steering),
            ingest_routes(ingest, settings.ingest, publishing.none_has_sandbox),
            publishing_routes(
                publishing,
                settings.publishing,
                engines.clock,
                TopicListener(engines.notices, CHANGED, engines.clock),
                publishing.none_has_sandbox,
                name_of,
            ),
            sharing_routes(publishing),
            events_routes(await engines.bus()),
            account_console_routes(identity),
            catalogue_routes(identity),
            device_code_routes(identity, partial(addresses, settings)),
            credential_routes(identity, mails=bool(settings.mail.server)),
            playback_console_routes(playback),
            publishing_console_routes(publishing, name_of),
            trust_routes(engines.secrets, port=settings.service.port, tls=settings.tls),
            console_routes(
                data=engines.data,
                checks=engines.checks,
                load=load,
                settings=partial(shown_settings, settings),
                clock=engines.clock,
            ),
        ),
    )


def shown_settings(settings: Settings) -> tuple[SettingsSection, ...]:
    """Returns the settings as an operator may see them."""
    found = []
    for section, struct in sections().items():
        values, defaults = getattr(settings, section), struct()
        shown = []
        for name, about in documentation(struct).items():
            value = getattr(values, name)
            text, hidden = without_secrets(name, value)
            shown.append(
                ShownSetting(
                    name=name,
                    value=text,
                    about=" ".join(about.split()),
                    is_default=value == getattr(defaults, name),
                    hidden=hidden,
                )
            )
        about = inspect.cleandoc(struct.__doc__ or "").split("\n")[0]
        found.append(SettingsSection(name=section, about=about, settings=tuple(shown)))
    return tuple(found)
