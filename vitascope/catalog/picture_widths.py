"""A picture as wide as a screen needs it, made once and kept beside the whole one."""

import asyncio
import contextlib
from io import BytesIO

from PIL import Image

from vitascope.catalog import pictures
from vitascope.catalog.contract.errors import BadTitle, NoSuchTitle
from vitascope.engines.blobs import BlobExists, BlobNotFound, Blobs
from vitascope.engines.guard import Bulkhead

WIDTHS = (160, 240, 320, 480, 640, 960, 1280)
"""In pixels. The web app names the same in `components/Picture.tsx`."""

_QUALITY = 70  # a poster of 320 pixels is 6 to 12 kB
_WAITING = 400  # the pictures of a few home pages that are shown for the first time


class PictureWidths:
    """Returns pictures in one of `WIDTHS`. At most two are being made at a time."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._press = Bulkhead(2, queue=_WAITING)

    async def picture(self, name: str, width: int) -> tuple[bytes, str]:
        """Returns the bytes and their media type; the whole picture where it is no wider than
        `width` pixels, or moves. Raises `NoSuchTitle`, `BadTitle`, `Overloaded`."""
        if width not in WIDTHS:
            widths = ", ".join(map(str, WIDTHS))
            raise BadTitle(f"There is no picture of this width. There are {widths}.")
        if name.endswith(".mp4") or not pictures.is_name(name):
            return await pictures.picture(self._blobs, name)
        key = pictures.key(f"{name}.{width}.webp")
        with contextlib.suppress(BlobNotFound):
            return await self._blobs.get(key), "image/webp"
        whole, media_type = await pictures.picture(self._blobs, name)
        narrow = await self._press.run(lambda: asyncio.to_thread(narrowed, whole, width))
        if narrow is None:
            return whole, media_type
        with contextlib.suppress(BlobExists):
            await self._blobs.put(key, narrow)
        return narrow, "image/webp"


def narrowed(content: bytes, width: int) -> bytes | None:
    """Returns a WebP `width` pixels wide, or None where it would not be smaller: in pixels, or in
    bytes. Takes its time. Raises `NoSuchTitle` for what is no picture."""
    try:
        with Image.open(BytesIO(content)) as image:
            if image.width <= width:
                return None
            height = max(1, round(image.height * width / image.width))
            small = image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    except (OSError, ValueError, SyntaxError) as error:
        raise NoSuchTitle("There is no such picture.") from error
    out = BytesIO()
    small.save(out, "WEBP", quality=_QUALITY, method=4)
    return out.getvalue() if len(out.getvalue()) < len(content) else None
