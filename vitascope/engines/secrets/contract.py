"""Keys and passwords by name."""

from typing import Protocol


class Secrets(Protocol):
    async def get(self, name: str) -> bytes:
        """Returns the secret. Raises `NotFound`."""
        ...

    async def get_or_make(self, name: str, size: int = 32) -> bytes:
        """Returns the secret, made of random bytes on first use; every process gets the same
        one."""
        ...

    async def put(self, name: str, value: bytes) -> None: ...
