"""Objects and byte ranges. A key is a relative path of safe parts: `masters/mas_.../bytes`."""

from vitascope.engines.blobs.contract import (
    MAX_PARTS,
    MIN_PART_BYTES,
    BadBlobKey,
    BlobExists,
    BlobInfo,
    BlobNotFound,
    Blobs,
    BlobsFull,
    BlobsUnavailable,
    LocalBlobs,
    Multipart,
    MultipartBlobs,
    PartsGone,
)
from vitascope.engines.blobs.settings import S3Settings

__all__ = [
    "MAX_PARTS",
    "MIN_PART_BYTES",
    "BadBlobKey",
    "BlobExists",
    "BlobInfo",
    "BlobNotFound",
    "Blobs",
    "BlobsFull",
    "BlobsUnavailable",
    "LocalBlobs",
    "Multipart",
    "MultipartBlobs",
    "PartsGone",
    "S3Settings",
]
