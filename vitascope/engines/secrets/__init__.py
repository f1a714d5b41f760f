"""Keys and passwords by name."""

from vitascope.engines.secrets.contract import (
    Secrets,
)

__all__ = [
    "Secrets",
]
