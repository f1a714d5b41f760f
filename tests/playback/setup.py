"""What playback needs around it: real engines, licensing and steering; catalog, billing and viewing
played by stand-ins that can be told to fail. The packaged texts in `package/` are shaka-packager's
own; the film itself is random bytes, which edges and origin cannot tell from a real one."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from vitascope.billing import Plan, Subscription, SubscriptionState
from vitascope.catalog import (
    Artwork,
    Asset,
    NoSuchTitle,
    Playable,
    PublishedPage,
    PublishedVersion,
    TitleCard,
    TitleKind,
)
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.cache.memory import MemoryCache
from vitascope.engines.leases.rows import MIGRATIONS, RowsLeases
from vitascope.engines.secrets.file import FileSecrets
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.country import Country
from vitascope.kernel.errors import Unavailable
from vitascope.kernel.ids import (
    AccountId,
    AssetId,
    ContentId,
    DeviceId,
    EdgeId,
    ProfileId,
    SessionId,
    TitleId,
)
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.media import AudioTrack, Codec, KeyLabel, Language, Rung, TextTrack
from vitascope.kernel.money import Money
from vitascope.kernel.path_tokens import KeyRing
from vitascope.kernel.viewer import Viewer
from vitascope.licensing.rows_licensing import RowsLicensing
from vitascope.licensing.settings import LicensingSettings
from vitascope.origin.files import PublishedFiles
from vitascope.playback import PlayRequest
from vitascope.playback.live import LivePlayback
from vitascope.playback.settings import PlaybackSettings
from vitascope.steering import EdgeReport
from vitascope.steering.memory import MemorySteering
from vitascope.steering.settings import SteeringSettings
from vitascope.viewing import Progress

PACKAGE = Path(__file__).parent / "package"
RING = KeyRing(current="k1", keys={"k1": b"r" * 32})
SESSION_KEY = b"s" * 32
FILM = ContentId("ttl_film")
ASSET = AssetId("ast_film")
EDGES = ("edge-a", "edge-b")
BYTES = {name: os.urandom(40_000) for name in ("v240", "v720", "v1080", "a-en-2", "t-fr")}
SPRITES = (
    b'{"keys":["x"],"width":160,"height":90,"columns":5,"rows":5,"interval_ms":1000,"count":4}'
)


def viewer(account: str = "acc_1", device: str = "dev_1", profile: str = "pro_1") -> Viewer:
    return Viewer(
        account_id=AccountId(account),
        profile_id=ProfileId(profile),
        device_id=DeviceId(device),
        country=Country("FR"),
        maturity=Maturity.EIGHTEEN,
        kids=False,
        locale="en",
    )


def plan(streams: int = 2, max_height: int = 1080, *labels: KeyLabel) -> Plan:
    return Plan(
        id="standard",
        name="Standard",
        streams=streams,
        max_height=max_height,
        key_labels=labels or (KeyLabel.AUDIO, KeyLabel.SD, KeyLabel.HD),
        price=Money(minor=999, currency="EUR"),
    )


def rung(name: str, height: int) -> Rung:
    return Rung(
        name=name,
        width=height * 16 // 9,
        height=height,
        codec=Codec.H264,
        bitrate_kbps=height,
        peak_kbps=height,
        vmaf=90.0,
        vmaf_model="vmaf_v0.6.1",
    )


class StandIn:
    """Fails with `fails` while that is set."""

    fails: Exception | None = None

    def _perhaps_fail(self) -> None:
        if self.fails is not None:
            raise self.fails


class BillingStandIn(StandIn):
    """Billing."""

    def __init__(self) -> None:
        self.plan: Plan | None = plan()

    async def subscription(self, account_id: AccountId) -> Subscription:
        self._perhaps_fail()
        state = SubscriptionState.ACTIVE if self.plan else SubscriptionState.NONE
        return Subscription(account_id=account_id, state=state, plan=self.plan)


class CatalogStandIn(StandIn):
    """Catalog."""

    def __init__(self, asset: Asset) -> None:
        self.asset = asset
        self.taken_down = False
        self.until_ms: int | None = None

    async def published(self, asset_id: AssetId, version: str) -> Asset | None:
        here = (self.asset.id, self.asset.version) == (asset_id, version)
        return self.asset if here and not self.taken_down else None

    async def published_since(self, after: int, *, limit: int = 100) -> PublishedPage:
        one = PublishedVersion(asset_id=self.asset.id, version=self.asset.version)
        return PublishedPage(upto=1, versions=() if after else (one,))

    async def playable(self, content_id: ContentId, who: Viewer) -> Playable:
        self._perhaps_fail()
        if content_id == "ttl_unknown":
            raise NoSuchTitle("There is no such title.")
        return Playable(
            title_id=TitleId(content_id),
            content_id=content_id,
            name="The Film",
            asset=self.asset,
            next_content_id=ContentId("ttl_other"),
            until_ms=self.until_ms,
        )

    async def contents(
        self, content_ids: Sequence[ContentId], who: Viewer
    ) -> dict[ContentId, tuple[TitleCard, None]]:
        self._perhaps_fail()
        card = TitleCard(
            id=TitleId(FILM), kind=TitleKind.FILM, name="The Film", tagline="", year=2020,
            maturity=Maturity.ALL, genres=(), artwork=Artwork(), duration_ms=None, playable=True,
        )  # fmt: skip
        return {} if self.taken_down else dict.fromkeys(content_ids, (card, None))


class ViewingStandIn(StandIn):
    """Viewing."""

    def __init__(self) -> None:
        self.kept: list[Progress] = []

    async def record(self, progress: Sequence[Progress]) -> None:
        self._perhaps_fail()
        self.kept += progress

    async def positions(
        self, profile_id: ProfileId, content_ids: Sequence[ContentId]
    ) -> dict[ContentId, Progress]:
        self._perhaps_fail()
        mine = [p for p in self.kept if p.profile_id == profile_id]
        return {p.content_id: p for p in mine if p.content_id in content_ids}


class Setup:
    """What a test holds in its hands."""

    def __init__(self, **parts: Any) -> None:
        self.clock: HeldClock = parts["clock"]
        self.billing = BillingStandIn()
        self.viewing = ViewingStandIn()
        self.catalog = CatalogStandIn(parts["asset"])
        self.licensing: RowsLicensing = parts["licensing"]
        self.steering: MemorySteering = parts["steering"]
        self.leases: RowsLeases = parts["leases"]
        self.blobs: DiskBlobs = parts["blobs"]
        self.cache = MemoryCache(clock=self.clock)
        self.rows = parts["rows"]
        self.playback = self.make()
        self.origin = self.origin_for(RING)

    def origin_for(self, ring: KeyRing) -> PublishedFiles:
        """An origin for edges that hold these keys."""
        return PublishedFiles(assets=self.catalog, blobs=self.blobs, ring=ring, clock=self.clock)

    def make(self, **changes: Any) -> LivePlayback:
        parts: dict[str, Any] = {
            "rows": self.rows,
            "leases": self.leases,
            "cache": self.cache,
            "blobs": self.blobs,
            "billing": self.billing,
            "catalog": self.catalog,
            "viewing": self.viewing,
            "licensing": self.licensing,
            "steering": self.steering,
            "clock": self.clock,
            "settings": PlaybackSettings(fallback_edges=("http://edge-z.localhost",)),
            "ring": RING,
            "session_key": SESSION_KEY,
        }
        return LivePlayback(**(parts | changes))

    async def report(
        self, *names: str, ports: dict[str, str] | None = None, load_mbps: float = 1.0
    ) -> None:
        for name in names:
            await self.steering.report(
                EdgeReport(
                    edge_id=EdgeId(name),
                    base_url=(ports or {}).get(name, f"http://{name}.localhost:8401"),
                    country=Country("FR"),
                    capacity_mbps=1000,
                    load_mbps=load_mbps,
                    streams=0,
                    disk_bytes=1,
                    disk_used_bytes=0,
                )
            )

    async def play(self, who: Viewer | None = None, **wish: Any) -> Any:
        request = PlayRequest(**({"content_id": FILM} | wish))
        return await self.playback.start(who or viewer(), request, "127.0.0.1")


@asynccontextmanager
async def set_up(open_rows: Any, clock: HeldClock, data: Path) -> AsyncIterator[Setup]:
    blobs = DiskBlobs(root=data / "blobs")
    licensing = RowsLicensing(
        rows=await open_rows("licensing"),
        secrets=FileSecrets(folder=data / "secrets"),
        clock=clock,
        settings=LicensingSettings(),
    )
    keys = await licensing.keys_for(ASSET, (KeyLabel.AUDIO, KeyLabel.SD, KeyLabel.HD))
    made = Setup(
        clock=clock,
        asset=await _publish(blobs, {key.label: key.key_id for key in keys}),
        licensing=licensing,
        steering=MemorySteering(clock=clock, settings=SteeringSettings()),
        leases=RowsLeases(rows=await open_rows("leases", migrations=[MIGRATIONS]), clock=clock),
        blobs=blobs,
        rows=await open_rows("playback"),
    )
    await made.report(*EDGES)
    yield made


async def _publish(blobs: DiskBlobs, key_ids: dict[KeyLabel, Any]) -> Asset:
    texts = await asyncio.to_thread(lambda: {f.name: f.read_bytes() for f in PACKAGE.iterdir()})
    files = texts | {f"{name}.mp4": body for name, body in BYTES.items()}
    files |= {"thumbnails.json": SPRITES, "thumbs-0.jpg": b"jpeg"}
    for name, body in files.items():
        await blobs.put(f"assets/{ASSET}/v1/{name}", body)
    return Asset(
        id=ASSET,
        content_id=FILM,
        version="v1",
        duration_ms=4000,
        ladder=(rung("v240", 240), rung("v720", 720), rung("v1080", 1080)),
        audio=(
            AudioTrack(
                name="a-en-2",
                language=Language("en"),
                channels=2,
                codec=Codec.AAC,
                bitrate_kbps=128,
            ),
        ),
        text=(TextTrack(name="t-fr", language=Language("fr")),),
        key_ids=key_ids,
        scheme="cbcs",
        prefix=f"assets/{ASSET}/v1",
        files={name: hashlib.sha256(body).hexdigest() for name, body in files.items()},
        sizes={name: len(body) for name, body in files.items()},
    )


def down() -> Unavailable:
    return Unavailable("down")


def session_id(answer: Any) -> SessionId:
    return SessionId(answer.session_id)
