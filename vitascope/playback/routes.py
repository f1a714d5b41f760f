"""Playback over HTTP: for viewers' apps and for players."""

from typing import Annotated

from litestar import Response, Router, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Redirect

from vitascope.catalog import NoSuchTitle, NotYetPlayable
from vitascope.engines.http import AnyRequest, ProfileNeeded, address, refusals, viewer
from vitascope.kernel.errors import NotFound
from vitascope.kernel.ids import ContentId, SessionId
from vitascope.playback.contract import (
    Beat,
    BeatAnswer,
    DeviceUnsupported,
    PlayAnswer,
    Playback,
    PlayRequest,
    SessionEnded,
    SteeringManifest,
    Stream,
    SubscriptionNeeded,
    TooManyStreams,
)
from vitascope.steering import NetworkNotServed

_NEVER_KEPT = {"Cache-Control": "no-store"}
_MPD = "application/dash+xml"
_PLAYLIST = "application/vnd.apple.mpegurl"
_PLAY_REFUSALS = refusals(
    ProfileNeeded,
    SubscriptionNeeded,
    DeviceUnsupported,
    NetworkNotServed,
    NoSuchTitle,
    NotYetPlayable,
    TooManyStreams,
)
_SESSION_REFUSALS = refusals(ProfileNeeded, SessionEnded)
_MANIFEST_REFUSALS = refusals(NotFound, SessionEnded)

DashPathway = Annotated[str | None, QueryParameter(name="_DASH_pathway", required=False)]
DashThroughput = Annotated[str | None, QueryParameter(name="_DASH_throughput", required=False)]
HlsPathway = Annotated[str | None, QueryParameter(name="_HLS_pathway", required=False)]
HlsThroughput = Annotated[str | None, QueryParameter(name="_HLS_throughput", required=False)]


def routes(playback: Playback) -> Router:
    """Returns the routes for viewers and their players."""
    handlers = [*_viewer_routes(playback), *_player_routes(playback)]
    return Router("/api", route_handlers=handlers, tags=["playback"])


def _viewer_routes(playback: Playback) -> list[BaseRouteHandler]:
    @post(
        "/play",
        status_code=200,
        summary="Press play",
        operation_id="Play",
        responses=_PLAY_REFUSALS,
    )
    async def play(request: AnyRequest, data: JSONBody[PlayRequest]) -> PlayAnswer:
        return await playback.start(viewer(request), data, address(request))

    @get(
        "/playback/{content_id:str}",
        summary="Press play on this device as it is",
        operation_id="PlayContent",
        responses=_PLAY_REFUSALS,
    )
    async def play_content(request: AnyRequest, content_id: FromPath[str]) -> PlayAnswer:
        wish = PlayRequest(content_id=ContentId(content_id))
        return await playback.start(viewer(request), wish, address(request))

    @post(
        "/progress",
        status_code=200,
        summary="Heartbeat and progress",
        operation_id="Progress",
        responses=_SESSION_REFUSALS,
    )
    async def progress(request: AnyRequest, data: JSONBody[Beat]) -> BeatAnswer:
        return await playback.beat(viewer(request), data)

    @post(
        "/play/{session_id:str}/stop",
        status_code=204,
        summary="Stop, from any device of the account",
        operation_id="StopPlay",
        responses=_SESSION_REFUSALS,
    )
    async def stop(request: AnyRequest, session_id: FromPath[str]) -> None:
        await playback.stop(viewer(request), SessionId(session_id))

    @get(
        "/streams",
        summary="What this account is streaming",
        operation_id="Streams",
        responses=refusals(ProfileNeeded),
    )
    async def streams(request: AnyRequest) -> list[Stream]:
        return await playback.streams(viewer(request))

    return [play, play_content, progress, stop, streams]


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


def _number(text: str | None) -> int | None:
    """What a player says of its throughput, which decides nothing: nonsense is no error."""
    last = (text or "").strip('"').split(",")[-1]
    return int(last) if last.isascii() and last.isdigit() and len(last) < 16 else None
