"""Playback over HTTP: for viewers' apps and for players."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal, cast

import msgspec
from litestar import Response, Router, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Redirect

from vitascope.catalog import NoSuchTitle, NotYetPlayable, Playable
from vitascope.engines.http import (
    AnyRequest,
    OtherProfile,
    ProfileNeeded,
    RoleNeeded,
    address,
    check_profile,
    refusals,
    require,
    viewer,
)
from vitascope.kernel.bounds import FEW, ID, NAME, NUMBER
from vitascope.kernel.errors import Invalid, NotFound
from vitascope.kernel.ids import ContentId, EdgeId, ProfileId, SessionId, TitleId
from vitascope.kernel.viewer import Principal, Role, Viewer
from vitascope.playback.contract import (
    Beat,
    BeatAnswer,
    Capabilities,
    DeviceUnsupported,
    PlayAnswer,
    Playback,
    PlayRequest,
    PlayState,
    SessionEnded,
    SteeringManifest,
    Stream,
    SubscriptionNeeded,
    TooManyStreams,
)
from vitascope.steering import NetworkNotServed

DeviceType = Literal["phone", "web", "television"]
_DEVICE_NAMES: dict[DeviceType | None, str] = {
    "phone": "Phone",
    "web": "Browser",
    "television": "Television",
}
_SAVING_HEIGHT = 480
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:.]{2,45}\]", re.ASCII)
_NEVER_KEPT = {"Cache-Control": "no-store"}
_MPD = "application/dash+xml"
_PLAYLIST = "application/vnd.apple.mpegurl"
_PLAY_REFUSALS = refusals(
    Invalid,
    ProfileNeeded,
    OtherProfile,
    SubscriptionNeeded,
    DeviceUnsupported,
    NetworkNotServed,
    NoSuchTitle,
    NotYetPlayable,
    TooManyStreams,
)
_PREVIEW_REFUSALS = (
    *(Invalid, ProfileNeeded, DeviceUnsupported, NetworkNotServed),
    *(NoSuchTitle, NotYetPlayable, TooManyStreams),
)
_SESSION_REFUSALS = refusals(Invalid, ProfileNeeded, OtherProfile, SessionEnded)
_MANIFEST_REFUSALS = refusals(NotFound, SessionEnded, SubscriptionNeeded, TooManyStreams)


def _said(name: str) -> QueryParameter:
    """Returns what a player says in an address."""
    return QueryParameter(name=name, required=False, max_length=300)


DashPathway = Annotated[str | None, _said("_DASH_pathway")]
DashThroughput = Annotated[str | None, _said("_DASH_throughput")]
HlsPathway = Annotated[str | None, _said("_HLS_pathway")]
HlsThroughput = Annotated[str | None, _said("_HLS_throughput")]


ContentOf = Callable[[TitleId, Viewer], Awaitable[ContentId]]
"""Returns what pressing play on a title plays: the film, or an episode. Raises `NoSuchTitle`."""


class NetworkInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What the device knows of its network. With `save_data` no more than 480 lines are given."""

    type: Annotated[str, ID] = ""
    downlink_mbps: float | None = None
    save_data: bool = False


class PlayForm(msgspec.Struct, frozen=True, kw_only=True):
    """What to play: `content_id`, a film or an episode, or `title_id`, with which a series goes on
    where the profile stopped. `profile_id` is that of the token, and no other."""

    content_id: Annotated[ContentId, ID] | None = None
    title_id: Annotated[TitleId, ID] | None = None
    profile_id: Annotated[ProfileId, ID] | None = None
    device_type: DeviceType | None = None
    network_info: NetworkInfo = NetworkInfo()
    device_name: Annotated[str, NAME] | None = None  # at most 200 characters, no control characters
    capabilities: Capabilities = Capabilities()
    session_id: Annotated[SessionId, ID] | None = None  # to switch to another title


class ProgressForm(msgspec.Struct, frozen=True, kw_only=True):
    """A heartbeat of a session, with `session_id` and `sequence`; or, without a session, where one
    is in `title_id` or `content_id` on this device, which is answered by an empty body."""

    position_ms: Annotated[int, NUMBER]
    session_id: Annotated[SessionId, ID] | None = None
    sequence: Annotated[int, NUMBER] = 0
    state: PlayState = PlayState.PLAYING
    failed_edges: Annotated[tuple[Annotated[EdgeId, ID], ...], FEW] = ()
    title_id: Annotated[str, ID] | None = None
    content_id: Annotated[str, ID] | None = None
    profile_id: Annotated[ProfileId, ID] | None = None


Previewed = Callable[[Principal, TitleId, ContentId, str], Awaitable[Playable]]
"""Returns what a partner may play of its own titles before others may. Raises `NoSuchTitle`,
`NotYetPlayable`."""


async def nothing_previewed(who: Principal, title: TitleId, content: ContentId, _: str) -> Playable:
    raise NoSuchTitle("You have no such title.")


class PlayerAddress(msgspec.Struct, frozen=True, kw_only=True):
    """An HLS playlist; its address may be relative to the service's."""

    url: str


async def film(title_id: TitleId, _viewer: Viewer) -> ContentId:
    """Returns what a film plays: itself."""
    return ContentId(title_id)


class PreviewForm(msgspec.Struct, frozen=True, kw_only=True):
    """The device on which a partner watches its own title."""

    device_name: Annotated[str, NAME] = "Studio"
    capabilities: Capabilities = Capabilities()


def routes(
    playback: Playback, content_of: ContentOf = film, previewed: Previewed = nothing_previewed
) -> Router:
    """Returns the routes for viewers and their players, and for partners who look at their titles.
    `content_of` knows of series."""
    handlers = [*_viewer_routes(playback, content_of), *_player_routes(playback)]
    handlers.append(_preview_route(playback, previewed))
    return Router("/api", route_handlers=handlers, tags=["playback"])


def _preview_route(playback: Playback, previewed: Previewed) -> BaseRouteHandler:
    @post(
        "/studio/titles/{title_id:str}/contents/{content_id:str}/preview",
        status_code=200,
        summary="Play a title of one's own, published or not",
        operation_id="PreviewContent",
        responses=refusals(RoleNeeded, *_PREVIEW_REFUSALS),
        tags=["studio"],
    )
    async def preview(
        request: AnyRequest,
        title_id: FromPath[str],
        content_id: FromPath[str],
        data: JSONBody[PreviewForm],
    ) -> PlayAnswer:
        """What waits to be published comes before what is live."""
        who = require(request, Role.PARTNER, Role.OPERATOR)
        seat = viewer(request)
        content = ContentId(content_id)
        playable = await previewed(who, TitleId(title_id), content, seat.locale)
        wish = PlayRequest(
            content_id=content, device_name=data.device_name, capabilities=data.capabilities
        )
        return await playback.preview(seat, _reached(request, wish), playable, address(request))

    return preview


def _viewer_routes(playback: Playback, content_of: ContentOf) -> list[BaseRouteHandler]:
    @post(
        "/play",
        status_code=200,
        summary="Press play",
        operation_id="Play",
        responses=_PLAY_REFUSALS,
    )
    async def play(request: AnyRequest, data: JSONBody[PlayForm]) -> PlayAnswer:
        who = viewer(request)
        check_profile(who, data.profile_id)
        content_id = data.content_id
        if content_id is None:
            if data.title_id is None:
                raise Invalid("Say what to play: `content_id` or `title_id`.", field="content_id")
            content_id = await content_of(data.title_id, who)
        wish = _reached(request, _wish(data, content_id))
        return await playback.start(who, wish, address(request))

    @get(
        "/playback/{content_id:str}",
        summary="Press play on this device as it is",
        operation_id="PlayContent",
        responses=_PLAY_REFUSALS,
    )
    async def play_content(request: AnyRequest, content_id: FromPath[str]) -> PlayAnswer:
        wish = _reached(request, PlayRequest(content_id=ContentId(content_id)))
        return await playback.start(viewer(request), wish, address(request))

    @post(
        "/progress",
        status_code=200,
        summary="Heartbeat and progress",
        operation_id="Progress",
        responses=_SESSION_REFUSALS,
    )
    async def progress(request: AnyRequest, data: JSONBody[ProgressForm]) -> Response[BeatAnswer]:
        """Returns fresh tokens to a session. Where the body names none, the answer is empty."""
        who = viewer(request)
        check_profile(who, data.profile_id)
        if data.session_id is not None:
            return Response(await playback.beat(who, _beat(data, data.session_id)))
        playing = data.content_id or data.title_id
        if not playing:
            raise Invalid("Name the `session_id`, or the `title_id`.", field="session_id")
        await playback.report(who, playing, data.position_ms)
        return cast(Response[BeatAnswer], Response(b"", status_code=200))

    @post(
        "/play/{session_id:str}/stop",
        status_code=204,
        summary="Stop, from any device of the account",
        operation_id="StopPlay",
        responses=_SESSION_REFUSALS,
    )
    async def stop(request: AnyRequest, session_id: FromPath[str]) -> None:
        await playback.stop(viewer(request), SessionId(session_id))

    @post(
        "/play/{session_id:str}/address",
        summary="An address for another player, of a title that is not protected",
        operation_id="PlayAddress",
        responses=_SESSION_REFUSALS,
    )
    async def player_address(request: AnyRequest, session_id: FromPath[str]) -> PlayerAddress:
        """It may be opened for some hours, by whoever has it, and takes a stream of the account
        while it plays."""
        url = await playback.address(viewer(request), SessionId(session_id))
        return PlayerAddress(url=url)

    @get(
        "/streams",
        summary="What this account is streaming",
        operation_id="Streams",
        responses=refusals(ProfileNeeded),
    )
    async def streams(request: AnyRequest) -> list[Stream]:
        return await playback.streams(viewer(request))

    return [play, play_content, progress, stop, player_address, streams]


def _player_routes(playback: Playback) -> list[BaseRouteHandler]:
    """The token in the path is all the permission there is: players set no headers here."""

    @get(
        "/manifest/{token:str}/{name:str}",
        summary="A session's manifest: main.mpd, or a playlist",
        operation_id="Manifest",
        responses=_MANIFEST_REFUSALS,
    )
    async def manifest(token: FromPath[str], name: FromPath[str]) -> Response[str]:
        if name == "main.mpd":
            body, kind = await playback.dash(token), _MPD
        else:
            body, kind = await playback.hls(token, name), _PLAYLIST
        return Response(body, media_type=kind, headers=_NEVER_KEPT)

    @get(
        "/manifest/{token:str}/through/{name:str}",
        status_code=307,
        summary="To a file of the session, wherever it is served best now",
        operation_id="Through",
        responses=_MANIFEST_REFUSALS,
    )
    async def through(token: FromPath[str], name: FromPath[str]) -> Redirect:
        url = await playback.through(token, name)
        return Redirect(url, status_code=307, headers=_NEVER_KEPT)

    @get(
        "/steering/{token:str}",
        summary="Content steering",
        operation_id="Steer",
        responses=refusals(SessionEnded),
    )
    async def steer(
        token: FromPath[str],
        dash_pathway: DashPathway = None,
        dash_throughput: DashThroughput = None,
        hls_pathway: HlsPathway = None,
        hls_throughput: HlsThroughput = None,
    ) -> Response[SteeringManifest]:
        pathway = (dash_pathway or hls_pathway or "").strip('"').split(",")[-1] or None
        throughput = _number(dash_throughput or hls_throughput)
        answer = await playback.steer(token, pathway, throughput)
        return Response(answer, headers=_NEVER_KEPT)

    return [manifest, through, steer]


def _wish(form: PlayForm, content_id: ContentId) -> PlayRequest:
    capabilities = form.capabilities
    if form.network_info.save_data and capabilities.max_height > _SAVING_HEIGHT:
        capabilities = msgspec.structs.replace(capabilities, max_height=_SAVING_HEIGHT)
    name = form.device_name or _DEVICE_NAMES.get(form.device_type, "This device")
    return PlayRequest(
        content_id=content_id,
        device_name=name,
        capabilities=capabilities,
        session_id=form.session_id,
    )


def _reached(request: AnyRequest, wish: PlayRequest) -> PlayRequest:
    """Returns the wish with how the player reached the service: so it reaches edges too."""
    host = request.headers.get("host", "")
    name = _HOST.match(host)
    secure = request.url.scheme == "https"
    return msgspec.structs.replace(wish, host=name[0] if name else "", is_secure=secure)


def _beat(form: ProgressForm, session_id: SessionId) -> Beat:
    return Beat(
        session_id=session_id,
        sequence=form.sequence,
        position_ms=form.position_ms,
        state=form.state,
        failed_edges=form.failed_edges,
    )


def _number(text: str | None) -> int | None:
    """What a player says of its throughput, which decides nothing: nonsense is no error."""
    last = (text or "").strip('"').split(",")[-1]
    return int(last) if last.isascii() and last.isdigit() and len(last) < 16 else None
