"""All sections, each the settings of a domain or of the installation."""

import msgspec

from vitascope.billing.settings import BillingSettings
from vitascope.edge.settings import EdgeSettings
from vitascope.encoding.settings import EncodingSettings
from vitascope.engines.blobs import S3Settings
from vitascope.engines.mail import MailSettings
from vitascope.engines.tls import TlsSettings
from vitascope.gateway.settings import GatewaySettings
from vitascope.homepage.settings import HomepageSettings
from vitascope.identity.settings import IdentitySettings
from vitascope.ingest.settings import IngestSettings
from vitascope.licensing.settings import LicensingSettings
from vitascope.playback.settings import PlaybackSettings
from vitascope.publishing.settings import PublishingSettings
from vitascope.recommend.settings import RecommendSettings
from vitascope.settings.installation import (
    DiscoverySettings,
    EngineSettings,
    ServiceSettings,
    WireSettings,
)
from vitascope.steering.settings import SteeringSettings


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All sections. A domain is given its own and never sees the others."""

    service: ServiceSettings = ServiceSettings()
    engines: EngineSettings = EngineSettings()
    wire: WireSettings = WireSettings()
    discovery: DiscoverySettings = DiscoverySettings()
    gateway: GatewaySettings = GatewaySettings()
    identity: IdentitySettings = IdentitySettings()
    billing: BillingSettings = BillingSettings()
    licensing: LicensingSettings = LicensingSettings()
    steering: SteeringSettings = SteeringSettings()
    ingest: IngestSettings = IngestSettings()
    encoding: EncodingSettings = EncodingSettings()
    publishing: PublishingSettings = PublishingSettings()
    homepage: HomepageSettings = HomepageSettings()
    recommend: RecommendSettings = RecommendSettings()
    playback: PlaybackSettings = PlaybackSettings()
    edge: EdgeSettings = EdgeSettings()
    tls: TlsSettings = TlsSettings()
    mail: MailSettings = MailSettings()
    s3: S3Settings = S3Settings()


def sections() -> dict[str, type[msgspec.Struct]]:
    """Returns every section's struct, by the section's name."""
    return {f.name: f.type for f in msgspec.structs.fields(Settings)}


def inner_address(settings: Settings, *, gateway: bool = True) -> tuple[str, int]:
    """Returns host and port of a process's inner listener; `gateway` if it has the public port
    too."""
    service = settings.service
    host, port = service.inner_host, service.inner_port
    return host, port or (service.port - 1 if gateway else service.port)
