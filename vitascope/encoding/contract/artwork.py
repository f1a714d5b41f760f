"""Pictures for a title, taken from its film."""

import msgspec


class ArtworkRefs(msgspec.Struct, frozen=True, kw_only=True):
    """Pictures taken from the film: WebP, and a silent MP4. Empty where no frame is fit for it."""

    poster: str = ""  # blob keys
    landscape: str = ""
    billboard: str = ""
    preview: str = ""
    tint: str = ""  # a colour: "#5b2a86"
