"""A cache on memcached: `memcached_cache("memcached://one:11211,two:11211", ...)`.

How the words map: an entry is an item. `add` is memcached's own, and `replace` reads the item with
its CAS number, compares the token, and stores with `cas`, which fails if anybody wrote in between.
Keys that memcached does not take (over 250 bytes, or with spaces) are hashed. Lifetimes are whole
seconds, at most 30 days, after which memcached would read them as a date.

The client is emcache: it spreads keys over several servers (rendezvous hashing), closes a
connection whose request was given up, and is maintained. aiomcache puts such a connection back into
its pool, where the next caller reads the answer of the one before; pymemcache would need a thread
for every call.

Costs: one round trip a read, three more for each load. Items over 1 MB are not kept (`-I` raises
the server's limit, and `largest` this one). memcached has no passwords but by SASL: keep it on a
network of its own.
"""

import asyncio
import hashlib
import math
import re
from urllib.parse import urlsplit

import emcache

from vitascope.engines.cache.distributed import TIMEOUT_S, DistributedCache
from vitascope.engines.cache.entry import TOKEN_BYTES
from vitascope.engines.trace import Metrics
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Invalid

_LONGEST_S = 30 * 86_400
_PLAIN = re.compile(r"[!-~]{1,200}", re.ASCII)
_DEFAULT_PORT = 11211

Address = emcache.MemcachedHostAddress | emcache.MemcachedUnixSocketPath


def memcached_cache(
    url: str,
    *,
    clock: Clock,
    metrics: Metrics | None = None,
    namespace: str = "vitascope",
    connections: int = 8,
    largest: int = 1_000_000,
    timeout_s: float = TIMEOUT_S,
) -> DistributedCache:
    """Returns a cache on the servers at `url`: `memcached://HOST[:PORT],...`, or
    `memcached:///path/of/a.socket`. `connections` is the most to each server, and `largest` the
    bytes above which a value is not kept. Connects when it is first asked. Needs the extra
    `memcached`. Raises `Invalid` when the URL names no server."""
    server = MemcachedServer(
        addresses(url),
        namespace=namespace,
        connections=connections,
        largest=largest,
        timeout_s=timeout_s,
    )
    return DistributedCache(server, clock=clock, metrics=metrics, timeout_s=timeout_s)


def addresses(url: str) -> list[Address]:
    """Raises `Invalid`."""
    said = urlsplit(url)
    if said.scheme == "memcached" and not said.netloc and said.path:
        return [emcache.MemcachedUnixSocketPath(said.path)]
    try:
        hosts = [urlsplit(f"//{each}") for each in said.netloc.split(",")]
        found = [(host.hostname, host.port or _DEFAULT_PORT) for host in hosts]
    except ValueError:  # a port that is no number
        found = []
    if said.scheme != "memcached" or not found or not all(name for name, _ in found):
        raise Invalid(
            f"{url!r} names no memcached server: write memcached://HOST:PORT, several with commas."
        )
    return [emcache.MemcachedHostAddress(name or "", port) for name, port in found]


class MemcachedServer:
    """Implements `Server`."""

    def __init__(
        self,
        servers: list[Address],
        *,
        namespace: str,
        connections: int = 8,
        largest: int = 1_000_000,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._servers = servers
        self._prefix = f"{namespace}:"
        self._connections = connections
        self._largest = largest
        self._timeout_s = 2 * timeout_s  # the guard cuts off before this limit does
        self._opening: asyncio.Task[emcache.Client] | None = None

    async def read(self, key: str) -> bytes | None:
        client = await self._client()
        item = await client.get(self._key(key))
        return None if item is None else item.value

    async def write(self, key: str, data: bytes, ttl_s: float) -> None:
        if len(data) > self._largest:
            await self.remove(key)
        else:
            client = await self._client()
            await client.set(self._key(key), data, exptime=_seconds(ttl_s))

    async def add(self, key: str, data: bytes, ttl_s: float) -> bool:
        client = await self._client()
        try:
            await client.add(self._key(key), data, exptime=_seconds(ttl_s))
        except emcache.NotStoredStorageCommandError:
            return False
        return True

    async def replace(self, key: str, data: bytes, ttl_s: float, token: bytes) -> bool:
        client, name = await self._client(), self._key(key)
        item = await client.gets(name)
        if item is None or item.cas is None or item.value[:TOKEN_BYTES] != token:
            return False
        if len(data) > self._largest:
            await self.remove(key)
            return False
        try:
            await client.cas(name, data, item.cas, exptime=_seconds(ttl_s))
        except emcache.StorageCommandError:  # written by somebody in between, or removed
            return False
        return True

    async def remove(self, *keys: str) -> None:
        client = await self._client()
        for key in keys:
            try:
                await client.delete(self._key(key))
            except emcache.NotFoundCommandError:
                continue

    async def close(self) -> None:
        if self._opening is not None:
            await (await self._opening).close()

    async def _client(self) -> emcache.Client:
        """Opened once, in a task of its own: the first caller may give up."""
        if self._opening is None:
            self._opening = asyncio.create_task(
                emcache.create_client(
                    self._servers,
                    timeout=self._timeout_s,
                    connection_timeout=self._timeout_s,
                    max_connections=self._connections,
                    min_connections=1,
                )
            )
        return await asyncio.shield(self._opening)

    def _key(self, key: str) -> bytes:
        name = self._prefix + key
        if _PLAIN.fullmatch(name):
            return name.encode()
        return (self._prefix + hashlib.sha256(name.encode()).hexdigest()).encode()


def _seconds(ttl_s: float) -> int:
    return min(max(1, math.ceil(ttl_s)), _LONGEST_S)
