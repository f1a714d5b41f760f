"""The origin over HTTP.

    GET /origin/published?after=N           which versions there are, sealed in X-Vitascope-Seal
    GET /origin/<asset>/<version>           which files one has, sealed
    GET /origin/<asset>/<version>/<file>    its bytes, whole or a range

All take `Authorization: Vitascope-Edge <path token for the origin>`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from types import TracebackType
from typing import Any, TypeVar

import aiohttp
import msgspec

from vitascope.edge.contract import CorruptOrigin, NoSuchFile, OriginUnreachable
from vitascope.kernel import path_tokens
from vitascope.kernel.clock import Clock
from vitascope.kernel.packages import PackageListing, PackagePage
from vitascope.kernel.path_tokens import KeyRing

T = TypeVar("T")

_TOKEN_MS = 60_000
_CHUNK = 1 << 18


Urls = Callable[[], Awaitable[Sequence[str]]]


class HttpOrigin:
    """Implements `Origin`. Connections are kept open between reads."""

    def __init__(self, urls: Urls, ring: KeyRing, clock: Clock, *, timeout_s: float = 5.0) -> None:
        """`urls` are the origins that there are now, any of which has every file. One is asked as
        long as it can be reached, and then the next."""
        self._urls = urls
        self._last = ""
        self._ring = ring
        self._clock = clock
        self._timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=timeout_s, sock_read=timeout_s
        )
        self._session: aiohttp.ClientSession | None = None

    async def published(self, after: int, *, limit: int = 100) -> PackagePage:
        path = f"/origin/published?after={after}&limit={limit}"
        return await self._sealed(path_tokens.ALL_PACKAGES, path, PackagePage)

    async def package(self, prefix: str) -> PackageListing:
        package = await self._sealed(prefix, f"/origin/{prefix}", PackageListing)
        if package.prefix != prefix:
            raise CorruptOrigin("The origin sent the package of another version.")
        return package

    async def read(
        self, prefix: str, name: str, start: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        last = "" if length is None else start + length - 1
        headers = {"Range": f"bytes={start}-{last}"} if start or length is not None else {}
        async with self._get(prefix, f"/origin/{prefix}/{name}", headers) as response:
            if headers and response.status != 206:
                raise OriginUnreachable("The origin does not answer ranges.")
            async for chunk in response.content.iter_chunked(_CHUNK):
                yield chunk

    async def _sealed(self, subject: str, path: str, returns: type[T]) -> T:
        async with self._get(subject, path) as response:
            body = await response.read()
            seal = response.headers.get("X-Vitascope-Seal", "")
        if not path_tokens.is_sealed(self._ring, subject, body, seal):
            raise CorruptOrigin(
                "The origin's answer is not sealed with a key that this edge holds."
            )
        return msgspec.json.decode(body, type=returns)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _get(self, prefix: str, path: str, headers: dict[str, str] | None = None) -> "_Asked":
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, auto_decompress=False)
        until = self._clock.now_ms() + _TOKEN_MS
        token = path_tokens.sign(self._ring, path_tokens.ORIGIN, prefix, until)
        headers = {
            "Authorization": f"Vitascope-Edge {token}",
            "Accept-Encoding": "identity",
            **(headers or {}),
        }
        return _Asked(self._reaching(self._session, path, headers))

    async def _reaching(
        self, session: aiohttp.ClientSession, path: str, headers: dict[str, str]
    ) -> aiohttp.ClientResponse:
        """Returns the answer of the first origin that can be reached, beginning with the last one
        asked."""
        urls = sorted(await self._urls(), key=lambda url: url != self._last)
        failure: Exception = OSError("no process that runs the origin is known")
        for url in urls:
            try:
                answer = await session.get(
                    url.rstrip("/") + path, headers=headers, allow_redirects=False
                )
            except (aiohttp.ClientError, TimeoutError) as error:
                failure = error
            else:
                self._last = url
                return answer
        raise _unreachable(failure) from failure


class _Asked:
    """A request under way, whose failures speak our words also while its body is read."""

    def __init__(self, asking: Coroutine[Any, Any, aiohttp.ClientResponse]) -> None:
        self._asking = asking
        self._response: aiohttp.ClientResponse | None = None

    async def __aenter__(self) -> aiohttp.ClientResponse:
        response = self._response = await self._asking
        if response.status in (200, 206):
            return response
        response.close()
        if response.status == 404:
            raise NoSuchFile("There is no such file.")
        raise OriginUnreachable(f"The origin answered {response.status}.")

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._response is not None:
            self._response.release()
        if isinstance(error, aiohttp.ClientError | TimeoutError):
            raise _unreachable(error) from error


def _unreachable(error: BaseException) -> OriginUnreachable:
    return OriginUnreachable(f"The origin cannot be reached: {error or type(error).__name__}.")
