"""A picture that a partner brings, made into one for a tile: cut as its partner says, never
enlarged. One of another shape is not cut by guess: what matters in it is not in the middle."""

import math
from io import BytesIO

import msgspec
from PIL import Image, ImageOps, UnidentifiedImageError

from vitascope.catalog.contract.errors import BadTitle

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 60_000_000
_QUALITY = 84
_OFF_SHAPE = 0.02  # of the ratio of width and height; what is less is cut at the edges
_NO_CROP = (
    "The crop must be left, top, width and height, as shares of the picture from 0 to 1: "
    "0.25,0,0.5,1."
)
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


class PicturePart(msgspec.Struct, frozen=True):
    """The part of a picture that is shown, in shares of its width and height."""

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def read(cls, text: str) -> "PicturePart":
        """Returns what `0.1,0,0.5,1` says. Raises `BadTitle`."""
        try:
            left, top, width, height = (float(part) for part in text.split(","))
        except ValueError as error:
            raise BadTitle(_NO_CROP) from error
        inside = 0 <= left < left + width <= 1.001 and 0 <= top < top + height <= 1.001
        if not inside:  # which what is not a number is not either
            raise BadTitle(_NO_CROP)
        return cls(left, top, width, height)

    def of(self, image: Image.Image) -> Image.Image:
        box = (self.left, self.top, self.left + self.width, self.top + self.height)
        sides = (image.width, image.height) * 2
        left, top, right, bottom = (
            min(side, round(part * side)) for part, side in zip(box, sides, strict=True)
        )
        return image.crop((left, top, max(right, left + 1), max(bottom, top + 1)))


def resized(content: bytes, field: str, crop: PicturePart | None = None) -> bytes:
    """Returns a WebP of one of `SIZES` from an image file, or from a part of it, that has this
    shape. Takes its time. Raises `BadTitle`."""
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
    if crop is not None:
        whole = crop.of(whole)
    shape = whole.width * size.height / (whole.height * size.width)
    if abs(shape - 1) > _OFF_SHAPE:
        common = math.gcd(size.width, size.height)
        raise BadTitle(
            f"A {field} has the shape {size.width // common}:{size.height // common}; this picture "
            f"has {whole.width} × {whole.height} pixels. Choose the part of it to show."
        )
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
