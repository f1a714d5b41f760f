"""From a request with a path token to bytes.

What is on disk leaves by sendfile (aiohttp's FileResponse on the stock event loop, decision
0015). What is not is passed through from the origin at the range asked for, while the whole file
is being filled.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from email.utils import formatdate
from pathlib import Path

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.web_request import BaseRequest

from vitascope.edge.connections import taken_in_time
from vitascope.edge.contract import NoSuchFile, Origin
from vitascope.edge.file_cache import SAFE_NAME, FileCache, stamp
from vitascope.edge.fill import Filler
from vitascope.edge.load import Load
from vitascope.edge.ranges import Span, span
from vitascope.edge.settings import EdgeSettings
from vitascope.kernel import path_tokens
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.packages import PackageFile, PackageListing
from vitascope.kernel.path_tokens import KeyRing

_TYPES = {
    ".mp4": "video/mp4",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mpd": "application/dash+xml",
    ".jpg": "image/jpeg",
    ".vtt": "text/vtt",
    ".json": "application/json",
}


class FileHandler:
    """Answers requests for files: checks the path token, then sends from disk or passes through."""

    def __init__(
        self,
        *,
        cache: FileCache,
        origin: Origin,
        filler: Filler,
        load: Load,
        ring: KeyRing,
        clock: Clock,
        settings: EdgeSettings,
        has_ended: Callable[[str], Awaitable[bool]],
    ) -> None:
        self._has_ended = has_ended
        self._settings = settings
        self._cache = cache
        self._origin = origin
        self._filler = filler
        self._load = load
        self._ring = ring
        self._clock = clock
        self._asking: dict[str, asyncio.Task[PackageListing]] = {}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer `GET /s/{token}/{asset}/{version}/{file}`."""
        prefix, name = await self._admitted(request)
        expected = await self._expected(prefix, name)
        headers = _headers(name, expected)
        try:
            wanted = span(request.headers.get("Range"), expected.size)
        except VitascopeError as refusal:
            refusal.extra["size"] = expected.size
            raise
        if path := self._cache.find(prefix, name):
            self._load.hits += 1
            return FromDisk(path, headers, self._load, self._settings, wanted.length)
        self._load.misses += 1
        self._filler.refuse_corrupt(prefix, name)
        self._filler.want(prefix, name, expected)
        return await self._pass_through(request, prefix, name, expected, wanted, headers)

    async def admit(self, request: web.Request) -> web.Response:
        """Answer `GET /admitted/s/...`: 204 if the file may be served, for a server in front that
        has the file itself."""
        await self._admitted(request)
        return web.Response(status=204, headers={"Cache-Control": "no-store"})

    async def _admitted(self, request: web.Request) -> tuple[str, str]:
        """Returns the prefix and file asked for. Raises `PathTokenRefused`, `NoSuchFile`."""
        asset, version, name = (request.match_info[part] for part in ("asset", "version", "file"))
        prefix = f"{asset}/{version}"
        opened = path_tokens.check(
            self._ring,
            path_tokens.EDGE,
            prefix,
            request.match_info["token"],
            self._clock.now_ms(),
        )
        if not opened.covers(name):
            raise path_tokens.refused()
        if opened.session and await self._has_ended(opened.session):
            raise path_tokens.refused()
        if not all(SAFE_NAME.fullmatch(part) for part in (asset, version, name)):
            raise NoSuchFile("There is no such file.")
        self._load.saw(request.remote or "", prefix)
        return prefix, name

    async def _expected(self, prefix: str, name: str) -> PackageFile:
        package = self._cache.package(prefix) or await self._ask_package(prefix)
        if name not in package.files:
            raise NoSuchFile("There is no such file.")
        return package.files[name]

    async def _ask_package(self, prefix: str) -> PackageListing:
        """Asked once, however many wait for it; one of them going away does not stop it."""
        if prefix not in self._asking:
            task = asyncio.create_task(self._learn(prefix))
            self._asking[prefix] = task
            task.add_done_callback(lambda _: self._asking.pop(prefix, None))
        return await asyncio.shield(self._asking[prefix])

    async def _learn(self, prefix: str) -> PackageListing:
        package = await self._origin.package(prefix)
        await self._cache.keep_package(package)
        return package

    async def _pass_through(
        self,
        request: web.Request,
        prefix: str,
        name: str,
        expected: PackageFile,
        wanted: Span,
        headers: dict[str, str],
    ) -> web.StreamResponse:
        response = web.StreamResponse(status=206 if wanted.partial else 200, headers=headers)
        response.content_length = wanted.length
        response.headers["ETag"] = f'"{stamp(expected) * 10**9:x}-{expected.size:x}"'
        response.headers["Last-Modified"] = formatdate(stamp(expected), usegmt=True)
        response.headers["Accept-Ranges"] = "bytes"
        if wanted.partial:
            last = wanted.start + wanted.length - 1
            response.headers["Content-Range"] = f"bytes {wanted.start}-{last}/{expected.size}"
        if request.method == "HEAD" or wanted.length == 0:
            return response
        content = self._origin.read(prefix, name, wanted.start, wanted.length)
        async with taken_in_time(request, wanted.length, self._settings):
            return await self._relay(request, response, content, wanted.length)

    async def _relay(
        self,
        request: web.Request,
        response: web.StreamResponse,
        content: AsyncIterator[bytes],
        length: int,
    ) -> web.StreamResponse:
        """The first bytes are fetched before the answer begins, so that an origin that is not
        there is a clean refusal; one that goes away later cuts the connection."""
        async with aclosing(content) as reading:  # type: ignore[type-var]
            chunk = await anext(reading, b"")
            await response.prepare(request)
            try:
                while chunk:
                    chunk = chunk[:length]
                    await response.write(chunk)
                    self._load.sent(len(chunk))
                    length -= len(chunk)
                    chunk = await anext(reading, b"") if length else b""
            except VitascopeError:
                pass
            if length and request.transport is not None:
                request.transport.abort()
        return response


class FromDisk(web.FileResponse):
    """A file that is whole, sent by the kernel; counted when it is through."""

    def __init__(
        self,
        path: Path,
        headers: dict[str, str],
        load: Load,
        settings: EdgeSettings,
        length: int,
    ) -> None:
        super().__init__(path, headers=headers)
        self._load = load
        self._settings = settings
        self._length = length

    async def prepare(self, request: BaseRequest) -> AbstractStreamWriter | None:
        try:
            async with taken_in_time(request, self._length, self._settings):
                return await super().prepare(request)
        finally:
            if request.method == "GET" and self.status in (200, 206):
                self._load.sent(self.content_length or 0)


def _headers(name: str, expected: PackageFile) -> dict[str, str]:
    return {
        "Content-Type": _TYPES.get(Path(name).suffix, "application/octet-stream"),
        "Cache-Control": "private, max-age=86400, immutable",
        "X-Content-SHA256": expected.sha256,
    }
