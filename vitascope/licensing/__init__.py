"""Content keys, wrapped at rest, and the licences that carry them to players."""

from vitascope.licensing.contract import (
    ClearKeyAnswer,
    ClearKeyItem,
    ClearKeyRequest,
    ContentKey,
    KeyWithheld,
    LicencePolicy,
    LicenceTokenRefused,
    Licensing,
    NoSuchKey,
)

__all__ = [
    "ClearKeyAnswer",
    "ClearKeyItem",
    "ClearKeyRequest",
    "ContentKey",
    "KeyWithheld",
    "LicencePolicy",
    "LicenceTokenRefused",
    "Licensing",
    "NoSuchKey",
]
