"""The synthetic viewer: what an operator asks when asking "can people watch?".

It goes the whole way of a player over the public API, manifest, licence, segments, and decodes
what it decrypted, so that a first frame is a frame. It reports times, the rung, the edge, bytes.
"""

import base64
import tempfile
import time
from pathlib import Path

import httpx
import msgspec

from vitascope.client import Client
from vitascope.engines.media import Input, Limits, Media, Tool
from vitascope.kernel.errors import Unavailable
from vitascope.operations.manifest import Representation, Segment, read_index, read_manifest
from vitascope.playback import Beat, PlayAnswer, PlayState

EDGE_TIMEOUT_S = 20.0  # a probe can wait: on a busy machine a slow edge is better than none


class CannotWatch(Unavailable):
    code = "cannot-watch"


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """What the synthetic viewer saw. Times are in seconds from pressing play."""

    content_id: str
    name: str
    first_frame_s: float
    rung: str
    height: int | None
    bitrate_kbps: int
    edge: str
    edges_tried: int
    seconds_watched: float
    frames: int
    bytes: int
    degraded: tuple[str, ...]


async def watch(client: Client, media: Media, content_id: str, seconds: float) -> Watched:
    """Play `seconds` from the start at the best rung that is granted; needs a chosen profile.

    Raises the service's own refusals, and `CannotWatch` when bytes do not come or do not decode.
    """
    began = time.monotonic()
    answer = await client.play(content_id)
    try:
        return await _watch(client, media, answer, seconds, began)
    finally:
        state = PlayState.STOPPED
        await client.beat(
            Beat(session_id=answer.session_id, sequence=2, position_ms=0, state=state)
        )


async def _watch(
    client: Client, media: Media, answer: PlayAnswer, seconds: float, began: float
) -> Watched:
    streams = read_manifest(await client.text(answer.manifests.dash), answer.manifests.dash)
    video = max((s for s in streams if s.kind == "video"), key=lambda s: s.bandwidth)
    keys = await _keys(client, answer, streams)
    with tempfile.TemporaryDirectory(prefix="vitascope-probe-") as folder:
        fetch = _Fetch(video)
        async with fetch:
            segments = await fetch.index()
            wanted = [s for s in segments if s.from_s < seconds] or segments[:1]
            file = Path(folder) / "film.mp4"
            file.write_bytes(await fetch.bytes_of(*video.init_range))
            await _append(file, fetch, wanted[:1])
            await _decode(media, file, keys.get(video.key_id or ""))
            first_frame_s = time.monotonic() - began
            await _append(file, fetch, wanted[1:])
            frames = await _decode(media, file, keys.get(video.key_id or ""))
        watched_s = sum(segment.seconds for segment in wanted)
        position = Beat(
            session_id=answer.session_id, sequence=1, position_ms=round(watched_s * 1000)
        )
        await client.beat(position)
    return Watched(
        content_id=answer.content_id,
        name=answer.name,
        first_frame_s=round(first_frame_s, 3),
        rung=video.name,
        height=video.height,
        bitrate_kbps=video.bandwidth // 1000,
        edge=fetch.edge,
        edges_tried=fetch.tried,
        seconds_watched=round(watched_s, 3),
        frames=frames,
        bytes=fetch.bytes,
        degraded=answer.degraded,
    )


async def _keys(
    client: Client, answer: PlayAnswer, streams: list[Representation]
) -> dict[str, str]:
    """Content keys by key id, both in hex, as the licence gives them."""
    wanted = sorted({s.key_id for s in streams if s.key_id})
    if not wanted or answer.licence is None:
        return {}
    kids = [base64.urlsafe_b64encode(bytes.fromhex(k)).rstrip(b"=").decode() for k in wanted]
    licence = await client.licence(answer.licence.clear_key_url, answer.licence.token, kids)
    return {_hex(item["kid"]): _hex(item["k"]) for item in licence["keys"]}


def _hex(text: str) -> str:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).hex()


class _Fetch:
    """Byte ranges of one stream from the first edge that answers, the next one when it fails."""

    def __init__(self, stream: Representation) -> None:
        self._stream = stream
        self._place = 0
        self.tried = 1
        self.bytes = 0
        self._http = httpx.AsyncClient(timeout=EDGE_TIMEOUT_S, transport=_AsBrowsersDo())

    async def __aenter__(self) -> "_Fetch":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    @property
    def edge(self) -> str:
        return self._stream.edges[self._place] or httpx.URL(self._stream.urls[self._place]).host

    async def index(self) -> list[Segment]:
        first, last = self._stream.index_range
        return read_index(await self.bytes_of(first, last), last + 1)

    async def bytes_of(self, first: int, last: int) -> bytes:
        while True:
            try:
                answer = await self._http.get(
                    self._stream.urls[self._place], headers={"Range": f"bytes={first}-{last}"}
                )
                answer.raise_for_status()
                self.bytes += len(answer.content)
                return answer.content
            except httpx.HTTPError as error:
                if self._place + 1 == len(self._stream.urls):
                    raise CannotWatch(
                        f"No edge served {self._stream.name}; the last one, {self.edge}, "
                        f"said: {error}."
                    ) from error
                self._place += 1
                self.tried += 1


class _AsBrowsersDo(httpx.AsyncHTTPTransport):
    """Every name under `.localhost` is this machine (RFC 6761), whatever the resolver says."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host.endswith(".localhost"):
            request.url = request.url.copy_with(host="127.0.0.1")  # the Host header stays
        return await super().handle_async_request(request)


async def _append(file: Path, fetch: _Fetch, segments: list[Segment]) -> None:
    with file.open("ab") as film:
        for segment in segments:
            film.write(await fetch.bytes_of(segment.start, segment.end))


async def _decode(media: Media, file: Path, key: str | None) -> int:
    """Frames decoded. Raises `CannotWatch` when there are none."""
    decryption = ["-decryption_key", "{secret.key}"] if key else []
    arguments = ["-xerror", *decryption, "-i", "{in.film}", "-map", "0:v:0", "-f", "framecrc", "-"]
    result = await media.run(
        Tool.FFMPEG,
        arguments,
        inputs={"film": Input(path=file)},
        limits=Limits(wall_s=120),
        secrets={"key": key} if key else None,
    )
    frames = sum(1 for line in result.stdout.splitlines() if line and not line.startswith(b"#"))
    if frames == 0:
        raise CannotWatch("Segments were received, but no frame could be decoded.")
    return frames
