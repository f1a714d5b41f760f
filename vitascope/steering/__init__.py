"""Which edges should serve a viewer, best first."""

from vitascope.steering.contract import (
    EdgePage,
    EdgeRank,
    EdgeReport,
    EdgeStatus,
    InventoryChange,
    InventoryMark,
    NetworkNotServed,
    NoEdge,
    Steering,
    Where,
)

__all__ = [
    "EdgePage",
    "EdgeRank",
    "EdgeReport",
    "EdgeStatus",
    "InventoryChange",
    "InventoryMark",
    "NetworkNotServed",
    "NoEdge",
    "Steering",
    "Where",
]
