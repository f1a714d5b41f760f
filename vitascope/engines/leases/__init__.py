"""Counted, expiring claims: at most `limit` holders of a subject at once, under any race."""

from vitascope.engines.leases.contract import (
    Claim,
    Lease,
    Leases,
)

__all__ = [
    "Claim",
    "Lease",
    "Leases",
]
