"""From pressing play to stopping: what one playback session is granted, and keeping it alive."""

import enum
from collections.abc import Sequence
from typing import Annotated, Literal, Protocol

import msgspec

from vitascope.catalog import Playable
from vitascope.kernel.bounds import FEW, PLACE, WORD
from vitascope.kernel.errors import Forbidden, Gone, TooMany
from vitascope.kernel.ids import AccountId, AssetId, ContentId, EdgeId, SessionId, TitleId
from vitascope.kernel.media import Codec, Rung
from vitascope.kernel.viewer import Viewer

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

    max_height: Annotated[int, PLACE] = 1080
    codecs: Annotated[tuple[Codec, ...], FEW] = (Codec.H264, Codec.AAC)
    ten_bit: Annotated[tuple[Codec, ...], FEW] = ()  # those of them that it decodes in 10 bits
    drm: Annotated[tuple[Annotated[str, WORD], ...], FEW] = ("org.w3.clearkey",)
    hdr: bool = False
    secure_decoder: bool = (
        False  # hardware DRM; software is capped at 720 lines unless settings say otherwise
    )


class PlayRequest(msgspec.Struct, frozen=True, kw_only=True):
    content_id: ContentId
    device_name: str = "This device"  # at most 200 characters, no control characters
    capabilities: Capabilities = Capabilities()
    session_id: SessionId | None = None  # the session to switch to another title: needs no new slot
    host: str = ""  # by which the player reached the service: "192.168.1.5"
    is_secure: bool = False  # over TLS


class EdgeAddress(msgspec.Struct, frozen=True, kw_only=True):
    """An edge as one session reaches it. The base URL carries the path token and ends with a
    slash."""

    edge_id: EdgeId
    base_url: str


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
    licence: LicenceGrant | None  # None when it is not protected
    edges: tuple[EdgeAddress, ...]  # best first
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

    `licence_token` is also None when nothing is protected. `degraded` names "progress" when it was
    not kept (send it again), "licence" when there is no fresh token, "rights" when nobody could say
    if the title may still be watched, and "subscription" when nobody could say if the plan still
    includes it."""

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


class PlayingStream(msgspec.Struct, frozen=True, kw_only=True):
    """A stream of some account, as operators see it."""

    session_id: SessionId
    account_id: AccountId
    device: str
    title: str
    title_id: TitleId
    since_ms: int


class PlayingPage(msgspec.Struct, frozen=True, kw_only=True):
    """Streams of all accounts, newest first. A page may hold fewer than asked for, or none, and
    yet not be the last: streams that fell silent are left out."""

    streams: tuple[PlayingStream, ...]
    next_page_token: str | None = None


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


class EndedSession(msgspec.Struct, frozen=True, kw_only=True):
    session_id: SessionId
    until_ms: int  # when the last of its tokens expires by itself


MOST_SESSIONS_ASKED = 500


class EndedSessions(Protocol):
    """For edges: they refuse the tokens of sessions that have ended."""

    async def which_ended(self, session_ids: Sequence[SessionId]) -> Sequence[EndedSession]:
        """Returns those of at most `MOST_SESSIONS_ASKED` sessions that have ended. Raises
        `Invalid` for more."""
        ...


class Playback(Protocol):
    async def start(self, viewer: Viewer, request: PlayRequest, address: str) -> PlayAnswer:
        """Begin a session, and return all that the player needs. Raises `SubscriptionNeeded`,
        `NoSuchTitle`, `NotYetPlayable`, `DeviceUnsupported`, `TooManyStreams`, and steering's
        `NetworkNotServed`."""
        ...

    async def preview(
        self, viewer: Viewer, request: PlayRequest, playable: Playable, address: str
    ) -> PlayAnswer:
        """Begin a session of what its partner alone may play: the caller has seen to that. It needs
        no plan, counts among the account's streams, and leaves no trace in what was watched. Raises
        `DeviceUnsupported`, `TooManyStreams`, `NetworkNotServed`."""
        ...

    async def beat(self, viewer: Viewer, beat: Beat) -> BeatAnswer:
        """Record progress and extend the session. Progress is durable when this returns, unless
        `degraded` names it. Raises `SessionEnded`, also when the title was taken down or left what
        the viewer may see, and `Invalid`."""
        ...

    async def report(self, viewer: Viewer, content_id: str, position_ms: int) -> None:
        """Record progress of what this device plays, named by its title, film or episode: a beat
        for programs that keep no session. Raises as `beat`."""
        ...

    async def stop(self, viewer: Viewer, session_id: SessionId) -> None: ...

    async def address(self, viewer: Viewer, session_id: SessionId) -> str:
        """Returns the address of a playlist for another player, without scheme and host unless
        settings say them: it plays what this session plays, on a stream of its own. Raises
        `SessionEnded`, and `Invalid` when the title is protected."""
        ...

    async def streams(self, viewer: Viewer) -> list[Stream]: ...

    async def playing(self, *, page_token: str | None = None, limit: int = 50) -> PlayingPage:
        """Returns a page of what is streaming now, for operators. `limit` is at most 100. Raises
        `Invalid`, `BadPageToken`."""
        ...

    async def end(self, session_id: SessionId) -> None:
        """End a session of any account, for operators. Harmless when it has ended already. Raises
        `SessionEnded` when there never was one."""
        ...

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
