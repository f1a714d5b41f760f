"""Pictures under names made of their content: a name never means another picture, so a client may
keep it for ever, and nobody can guess the name of a picture they were not shown."""

import contextlib
import hashlib
import re

from vitascope.catalog.contract.errors import BadTitle, NoSuchTitle
from vitascope.engines.blobs import BlobExists, BlobNotFound, Blobs

MEDIA_TYPES = {
    "webp": "image/webp",
    "jpg": "image/jpeg",
    "png": "image/png",
    "mp4": "video/mp4",
}
LARGEST = 8 * 1024 * 1024  # bytes

_NAME = re.compile(r"[0-9a-f]{40}\.(webp|jpg|png|mp4)")
_RANGE = re.compile(r"bytes=(\d{1,9})-(\d{0,9})", re.ASCII)


async def keep(blobs: Blobs, content: bytes, suffix: str) -> str:
    """Raises `BadTitle`."""
    if suffix not in MEDIA_TYPES or not content or len(content) > LARGEST:
        kinds = ", ".join(MEDIA_TYPES)
        raise BadTitle(f"A picture is one of {kinds}, and at most {LARGEST >> 20} MiB large.")
    path = f"{hashlib.sha256(content).hexdigest()[:40]}.{suffix}"
    with contextlib.suppress(BlobExists):  # the same name is the same picture
        await blobs.put(key(path), content)
    return path


async def picture(blobs: Blobs, path: str) -> tuple[bytes, str]:
    """Returns the bytes and their media type. Raises `NoSuchTitle`."""
    name = _NAME.fullmatch(path)
    if name is None:
        raise NoSuchTitle("There is no such picture.")
    try:
        return await blobs.get(key(path)), MEDIA_TYPES[name[1]]
    except BlobNotFound as error:
        raise NoSuchTitle("There is no such picture.") from error


def is_name(path: str) -> bool:
    """Returns True for what may be the name of a picture."""
    return _NAME.fullmatch(path) is not None


def asked_for(header: str | None, size: int) -> range | None:
    """Returns which bytes of a picture a Range header asks for, or None for the whole. Some players
    do not touch a clip whose server cannot send a part of it. What we do not understand we may
    ignore (RFC 9110, 14.2)."""
    form = _RANGE.fullmatch(header or "")
    if form is None:
        return None
    last = min(int(form[2] or size), size - 1)
    return range(int(form[1]), last + 1) or None


def key(path: str) -> str:
    """Returns where in the store a picture lies."""
    return f"artwork/{path[:2]}/{path}"
