"""The edge appliance: serves whole, immutable files by byte range from its own disk, to whoever
carries a path token; fills itself from the origin, verified by SHA-256; says how it is doing."""

from vitascope.edge.contract import (
    CorruptOrigin,
    EdgeState,
    Health,
    NoSuchFile,
    Origin,
    OriginUnreachable,
)

__all__ = [
    "CorruptOrigin",
    "EdgeState",
    "Health",
    "NoSuchFile",
    "Origin",
    "OriginUnreachable",
]
