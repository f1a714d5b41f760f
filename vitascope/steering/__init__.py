"""Which edges should serve a viewer, best first."""

from vitascope.steering.contract import (
    EdgeRank,
    EdgeReport,
    EdgeStatus,
    NoEdge,
    Steering,
    Where,
)

__all__ = [
    "EdgeRank",
    "EdgeReport",
    "EdgeStatus",
    "NoEdge",
    "Steering",
    "Where",
]
