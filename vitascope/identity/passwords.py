"""Passwords and PINs as argon2id hashes: 19 MiB, two passes, one lane (OWASP's second choice).

One takes about 0.1 s of a core, so they are made in a bounded pool: a rush of sign-ins waits in a
queue, and what does not fit there is turned away, rather than taking memory and cores from viewers.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from vitascope.engines.guard import Bulkhead

T = TypeVar("T")

MEMORY_KIB = 19 * 1024

# verifying against it takes as long as against a real one
_NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$NGDyiP1isA3obyZG86tqpQ"
    "$mvjE6QOgfKGY6YiFCKToDArpUsuvIvOZLjxgO+HXBAw"
)


class Passwords:
    """`memory_kib` is what a hash takes: less is for tests alone, which sign up hundreds."""

    def __init__(self, *, threads: int, queue: int, memory_kib: int = MEMORY_KIB) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=memory_kib, parallelism=1)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="password")
        self._bulkhead = Bulkhead(threads, queue)

    async def hash(self, password: str) -> str:
        """Returns the hash of `password`. Raises `Overloaded`."""
        return await self._run(lambda: self._hasher.hash(password))

    async def matches(self, password: str, hashed: str | None) -> bool:
        """Returns True if `password` is the one that was hashed. None (there is no such account)
        takes as long as any other. Raises `Overloaded`."""
        right = await self._run(lambda: self._verify(password, hashed or _NOBODY))
        return right and hashed is not None

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password: str, hashed: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()

        async def hashed() -> T:
            return await loop.run_in_executor(self._pool, work)

        return await self._bulkhead.run(hashed)
