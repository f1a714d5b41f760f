"""From pressing play to stopping: what one playback session is granted, and keeping it alive."""

import enum
from typing import Literal, Protocol

import msgspec

from vitascope.kernel.errors import Forbidden, Gone, TooMany
from vitascope.kernel.ids import AssetId, ContentId, EdgeId, SessionId, TitleId
from vitascope.kernel.media import Codec, Rung
from vitascope.kernel.viewer import Viewer
from vitascope.steering import EdgeRank

PlayMissing = Literal[
    "licence", "progress", "resume", "rights", "steering", "subscription", "thumbnails"
]


class TooManyStreams(TooMany):
    """`extra["devices"]` lists what is streaming: [{"device", "title", "since_ms"}]."""

    code = "too-many-streams"


class SubscriptionNeeded(Forbidden):
    code = "subscription-needed"


class DeviceUnsupported(Forbidden):
    """Nothing of this title is in a form that the device can play."""

    code = "device-unsupported"


class SessionEnded(Gone):
    """Stopped, or silent for too long. Press play again; it is not revived."""

    code = "session-ended"


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What this device can do; it is given nothing beyond it."""

    max_height: int = 1080
    codecs: tuple[Codec, ...] = (Codec.H264, Codec.AAC)
    drm: tuple[str, ...] = ("org.w3.clearkey",)
    hdr: bool = False
    secure_decoder: bool = (
        False  # hardware DRM; software is capped at 720 lines unless settings say otherwise
    )


class PlayRequest(msgspec.Struct, frozen=True, kw_only=True):
    content_id: ContentId
    device_name: str = "This device"  # at most 200 characters, no control characters
    capabilities: Capabilities = Capabilities()
    session_id: SessionId | None = None  # the session to switch to another title: needs no new slot


class LicenceGrant(msgspec.Struct, frozen=True, kw_only=True):
    clear_key_url: str
    raw_key_url: str  # with {key_id}
    token: str
    expires_at_ms: int


class ManifestUrls(msgspec.Struct, frozen=True, kw_only=True):
    dash: str
    hls: str


class Thumbnails(msgspec.Struct, frozen=True, kw_only=True):
    """Seek previews: sprites of `columns` x `rows` pictures, one every `interval_ms`."""

    url: str  # with {index}, below an edge's base URL
    width: int
    height: int
    columns: int
    rows: int
    interval_ms: int
    count: int


class PlayAnswer(msgspec.Struct, frozen=True, kw_only=True):
    session_id: SessionId
    content_id: ContentId
    title_id: TitleId
    name: str
    asset_id: AssetId
    version: str
    duration_ms: int
    resume_position_ms: int
    manifests: ManifestUrls
    licence: LicenceGrant
    edges: tuple[EdgeRank, ...]  # base URLs that already carry the path token
    steering_url: str
    heartbeat_s: int
    rungs: tuple[Rung, ...]  # those granted
    thumbnails: Thumbnails | None
    next_content_id: ContentId | None
    credits_start_ms: int | None
    degraded: tuple[PlayMissing, ...] = ()


class PlayState(enum.StrEnum):
    PLAYING = "playing"
    PAUSED = "paused"
    STOPPED = "stopped"


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """One write path for heartbeat and progress: `POST /api/progress`. `sequence` counts up."""

    session_id: SessionId
    sequence: int
    position_ms: int
    state: PlayState = PlayState.PLAYING
    failed_edges: tuple[EdgeId, ...] = ()  # those that the player could not use since the last one


class BeatAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Fresh tokens: the player puts them in place of the old ones. None after `stopped`.

    `degraded` names "progress" when it was not kept (send it again), "licence" when there is no
    fresh token, and "rights" when nobody could say if the title may still be watched."""

    expires_at_ms: int
    path_token: str | None
    licence_token: str | None
    heartbeat_s: int
    degraded: tuple[PlayMissing, ...] = ()


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    session_id: SessionId
    device: str
    title: str
    since_ms: int


class SteeringManifest(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename={
        "version": "VERSION",
        "ttl_s": "TTL",
        "reload_uri": "RELOAD-URI",
        "pathway_priority": "PATHWAY-PRIORITY",
    },
):
    """The content steering server's answer (the same for DASH and HLS)."""

    version: int
    ttl_s: int
    reload_uri: str
    pathway_priority: tuple[str, ...]


class Playback(Protocol):
    async def start(self, viewer: Viewer, request: PlayRequest, address: str) -> PlayAnswer:
        """Begin a session, and return all that the player needs. Raises `SubscriptionNeeded`,
        `NoSuchTitle`, `NotYetPlayable`, `DeviceUnsupported`, `TooManyStreams`, and steering's
        `NetworkNotServed`."""
        ...

    async def beat(self, viewer: Viewer, beat: Beat) -> BeatAnswer:
        """Record progress and extend the session. Progress is durable when this returns, unless
        `degraded` names it. Raises `SessionEnded`, also when the title was taken down or left what
        the viewer may see, and `Invalid`."""
        ...

    async def stop(self, viewer: Viewer, session_id: SessionId) -> None: ...

    async def streams(self, viewer: Viewer) -> list[Stream]: ...

    async def dash(self, token: str) -> str:
        """Returns the MPD of one session: its rungs, its edges. Raises `SessionEnded`."""
        ...

    async def hls(self, token: str, name: str) -> str:
        """Returns the multivariant playlist (`main.m3u8`; `native.m3u8` for players that cannot
        renew path tokens) or one of the media playlists it names. Raises `SessionEnded`,
        `NotFound`."""
        ...

    async def through(self, token: str, name: str) -> str:
        """Returns where a native player finds a file of its session now: a fresh address on its
        edge. Raises `SessionEnded`."""
        ...

    async def steer(
        self, token: str, pathway: str | None, throughput_bps: int | None
    ) -> SteeringManifest:
        """Returns the session's edges, best first. Raises `SessionEnded`, at which a player stops
        asking."""
        ...
