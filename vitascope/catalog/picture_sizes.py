"""A picture that a partner brings, made into one for a tile: cut to its shape, never enlarged."""

from io import BytesIO

import msgspec
from PIL import Image, ImageOps, UnidentifiedImageError

from vitascope.catalog.contract.errors import BadTitle

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 60_000_000
_QUALITY = 84
_TOO_LARGE = (
    f"The picture is larger than {MOST_PIXELS // 1_000_000} megapixels. Send a smaller one."
)


class PictureSize(msgspec.Struct, frozen=True):
    """In pixels."""

    width: int
    height: int
    least: int  # the width below which a picture looks poor


SIZES = {
    "poster": PictureSize(800, 1200, least=300),
    "landscape": PictureSize(1280, 720, least=640),
    "billboard": PictureSize(1920, 1080, least=1280),
}


def resized(content: bytes, field: str) -> bytes:
    """Returns a WebP of one of `SIZES` from an image file of any size. Takes its time. Raises
    `BadTitle`."""
    size = SIZES.get(field)
    if size is None:
        raise BadTitle(f"There is no picture called {field}. There are {', '.join(SIZES)}.")
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise BadTitle(_TOO_LARGE)
            whole = ImageOps.exif_transpose(image).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadTitle(_TOO_LARGE) from error
    except BadTitle:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadTitle("This picture can't be read. Use JPEG, PNG or WebP.") from error
    width = min(size.width, whole.width, whole.height * size.width // size.height)
    if width < size.least:
        need = f"{size.least} × {size.least * size.height // size.width}"
        raise BadTitle(
            f"A {field} of {whole.width} × {whole.height} pixels is too small: "
            f"at least {need} are needed in its shape, best {size.width} × {size.height}."
        )
    cut = ImageOps.fit(whole, (width, width * size.height // size.width), Image.Resampling.LANCZOS)
    out = BytesIO()
    cut.save(out, "WEBP", quality=_QUALITY, method=4)
    return out.getvalue()
