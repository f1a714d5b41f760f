"""Objects and byte ranges. A key is a relative path of safe parts: `masters/mas_.../bytes`."""

from vitascope.engines.blobs.contract import (
    BadBlobKey,
    BlobExists,
    BlobInfo,
    BlobNotFound,
    Blobs,
    BlobsUnavailable,
    LocalBlobs,
)

__all__ = [
    "BadBlobKey",
    "BlobExists",
    "BlobInfo",
    "BlobNotFound",
    "Blobs",
    "BlobsUnavailable",
    "LocalBlobs",
]
