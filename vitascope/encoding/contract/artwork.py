"""Pictures for a title, taken from its film."""

import msgspec

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import RenditionRef, ShotPlan
from vitascope.encoding.contract.request import Request


class Still(msgspec.Struct, frozen=True, kw_only=True):
    """A frame of the film to choose from, without black bars: WebP, as large as the film is and a
    billboard needs, and a small copy."""

    key: str  # blob keys
    small_key: str
    at_ms: int  # from the film's beginning
    width: int
    height: int


class ArtworkRefs(msgspec.Struct, frozen=True, kw_only=True):
    """Pictures taken from the film: WebP, and a silent MP4. Empty where no frame is fit for it."""

    poster: str = ""  # blob keys
    landscape: str = ""
    billboard: str = ""
    preview: str = ""
    tint: str = ""  # a colour: "#5b2a86"
    stills: tuple[Still, ...] = ()  # to choose from, the best first; no two alike


class MakeArtwork(Request[ArtworkRefs], frozen=True, kw_only=True):
    """Stills and a preview of the whole film, in the background. `renditions` are clear ones of
    the whole film; the smallest that will do is looked at. Raises `EncodingFailed`."""

    source: Source
    shots: ShotPlan
    renditions: tuple[RenditionRef, ...]
