"""A catalogue to test with, and what goes into it."""

from typing import Any, cast

from sqlalchemy import Connection

from vitascope.catalog import (
    Asset,
    Episode,
    Season,
    Title,
    TitleKind,
    Wording,
)
from vitascope.catalog.memory import CatalogMemory
from vitascope.catalog.rows_catalog import RowsCatalog
from vitascope.catalog.rows_title_records import RowsTitleRecords
from vitascope.catalog.store import TitleStore
from vitascope.engines.blobs import BlobExists, BlobInfo, BlobNotFound, Blobs
from vitascope.engines.bus import Outbox
from vitascope.engines.rows import Rows
from vitascope.kernel.clock import Clock
from vitascope.kernel.country import Country
from vitascope.kernel.events import Event
from vitascope.kernel.ids import (
    AccountId,
    AssetId,
    ContentId,
    DeviceId,
    EpisodeId,
    KeyId,
    ProfileId,
    SeasonId,
    TitleId,
)
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.media import AudioTrack, Codec, KeyLabel, Language, Rung, TextTrack
from vitascope.kernel.viewer import Viewer

PARTNER = AccountId("acc_partner")
DAY = 86_400_000


class MemoryBlobs:
    """Objects in memory; what pictures need of the port."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    async def put(self, key: str, content: bytes, *, overwrite: bool = False) -> BlobInfo:
        if key in self.held and not overwrite:
            raise BlobExists(key)
        self.held[key] = content
        return BlobInfo(key=key, size=len(content), modified_at_ms=0)

    async def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        if key not in self.held:
            raise BlobNotFound(key)
        return self.held[key]


class MemoryOutbox:
    """Remembers what was announced in transactions that were committed by the time it is read."""

    def __init__(self) -> None:
        self.heard: list[Event] = []

    def put(self, connection: Connection, *events: Event) -> None:
        self.heard += events


class WholeCatalog(RowsCatalog, RowsTitleRecords):
    """Both contracts in one object: a test fills it, and looks at it as a viewer."""

    def __init__(
        self, *, rows: Rows, outbox: Outbox, blobs: Blobs | MemoryBlobs, clock: Clock
    ) -> None:
        memory = CatalogMemory(TitleStore(rows), clock)
        RowsCatalog.__init__(self, memory=memory, clock=clock)
        RowsTitleRecords.__init__(
            self, rows=rows, memory=memory, outbox=outbox, blobs=cast(Blobs, blobs), clock=clock
        )


def viewer(
    *,
    maturity: Maturity = Maturity.EIGHTEEN,
    kids: bool = False,
    country: str = "FR",
    locale: str = "en",
    profile: str = "pro_ana",
) -> Viewer:
    return Viewer(
        account_id=AccountId("acc_viewer"),
        profile_id=ProfileId(profile),
        device_id=DeviceId("dev_1"),
        country=Country(country),
        maturity=maturity,
        kids=kids,
        locale=locale,
    )


GROWN = viewer()
KID = viewer(maturity=Maturity.SEVEN, kids=True, profile="pro_kid")


def film(name: str, **fields: Any) -> Title:
    known: dict[str, Any] = {
        "id": TitleId("ttl_" + name.lower().replace(" ", "-")),
        "kind": TitleKind.FILM,
        "wordings": (Wording(locale="en", name=name, synopsis=f"About {name}."),),
        "year": 1925,
        "maturity": Maturity.ALL,
        "genres": ("drama",),
        "partner_id": PARTNER,
    }
    return Title(**{**known, **fields})


def series(name: str, *counts: int, **fields: Any) -> Title:
    """`series("Saga", 2, 3)` has two seasons, of two and of three episodes."""
    title = film(name, kind=TitleKind.SERIES, **fields)
    seasons = []
    for number, count in enumerate(counts, start=1):
        season_id = SeasonId(f"sea_{title.id[4:]}-{number}")
        episodes = tuple(
            Episode(
                id=EpisodeId(f"epi_{title.id[4:]}-{number}-{k}"),
                title_id=title.id,
                season_id=season_id,
                season=number,
                number=k,
                wordings=(Wording(locale="en", name=f"Part {k}"),),
            )
            for k in range(1, count + 1)
        )
        seasons.append(Season(id=season_id, number=number, episodes=episodes))
    fields_ = {name: getattr(title, name) for name in title.__struct_fields__}
    return Title(**{**fields_, "seasons": tuple(seasons)})


SOUND = AudioTrack(name="a", language=Language("fr"), channels=2, codec=Codec.AAC, bitrate_kbps=128)


def asset(
    content_id: str, version: str = "v1", *, height: int = 720, partial: bool = False
) -> Asset:
    return Asset(
        id=AssetId(f"ast_{content_id[4:]}"),
        content_id=ContentId(content_id),
        version=version,
        duration_ms=60_000,
        ladder=(
            Rung(
                name="v", width=height * 16 // 9, height=height, codec=Codec.H264,
                bitrate_kbps=900, peak_kbps=1200, vmaf=90.0, vmaf_model="vmaf_v0.6.1",
            ),
        ),
        audio=(SOUND,),
        text=(TextTrack(name="t", language=Language("en")),),
        key_ids={KeyLabel.AUDIO: KeyId("0" * 32)},
        scheme="cbcs",
        prefix=f"assets/ast_{content_id[4:]}/{version}",
        files={"v.mp4": "ab"},
        sizes={"v.mp4": 12},
        partial=partial,
    )  # fmt: skip


async def fill(catalog: WholeCatalog, *titles: Title) -> None:
    for title in titles:
        await catalog.save(title)
