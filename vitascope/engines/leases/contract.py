"""Counted, expiring claims: at most `limit` holders of a subject at once, under any race."""

from typing import Protocol

import msgspec


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    subject: str
    holder: str
    note: str  # what a person should see: the device's name and what it plays
    taken_at_ms: int
    expires_at_ms: int


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a claim: the lease when granted, else None and those who hold the subject."""

    lease: Lease | None
    holders: tuple[Lease, ...]


class Leases(Protocol):
    async def claim(
        self, subject: str, holder: str, *, limit: int, ttl_s: float, note: str = ""
    ) -> Claim:
        """Take a place for `holder`; atomic. A holder that has one keeps it, extended."""
        ...

    async def renew(
        self, subject: str, holder: str, *, ttl_s: float, note: str | None = None
    ) -> Lease | None:
        """Extend a live lease. None when it has expired or never was: it is not revived."""
        ...

    async def release(self, subject: str, holder: str) -> None:
        """Free the place; harmless when there is none."""
        ...

    async def holders(self, subject: str) -> tuple[Lease, ...]:
        """Returns the live leases, oldest first."""
        ...
