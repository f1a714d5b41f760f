"""Pictures for a title, taken from its film."""

import msgspec

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import RenditionRef, ShotPlan
from vitascope.encoding.contract.request import Request


class ArtworkRefs(msgspec.Struct, frozen=True, kw_only=True):
    """Pictures taken from the film: WebP, and a silent MP4. Empty where no frame is fit for it."""

    poster: str = ""  # blob keys
    landscape: str = ""
    billboard: str = ""
    preview: str = ""
    tint: str = ""  # a colour: "#5b2a86"


class MakeArtwork(Request[ArtworkRefs], frozen=True, kw_only=True):
    """Stills and a preview of the whole film, in the background. `renditions` are clear ones of
    the whole film; the smallest that will do is looked at. Raises `EncodingFailed`."""

    source: Source
    shots: ShotPlan
    renditions: tuple[RenditionRef, ...]
