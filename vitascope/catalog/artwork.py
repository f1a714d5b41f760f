"""Whose picture it is: a person's, or one taken from the film.

A person's pictures are never replaced by ours. Ours stand in wherever nobody has set any, and make
room for those of a later version of the same film.
"""

from typing import get_args

import msgspec

from vitascope.catalog.contract.title import Artwork, ArtworkField, Taken
from vitascope.kernel.ids import ContentId

_BLANK = Artwork()
_FIELDS: tuple[ArtworkField, ...] = get_args(ArtworkField)


def set_by_hand(given: Artwork, old: Artwork) -> Artwork:
    """Returns `given` over `old`: what was taken from the film stays where a person changes
    nothing."""

    def stays(name: str) -> bool:
        return getattr(given, name) in (getattr(_BLANK, name), getattr(old, name))

    kept = tuple(one for one in old.from_film if stays(one.field))
    pictures = {one.field: getattr(old, one.field) for one in kept}
    return msgspec.structs.replace(given, **pictures, from_film=kept)


def filled(old: Artwork, taken: Artwork, content_id: ContentId) -> Artwork:
    """Returns `old` with what was `taken` from a film, where it shows nothing or that film's
    own."""
    theirs = {one.field: one for one in old.from_film if one.content_id != content_id}
    owners = {one.field for one in old.from_film if one.content_id == content_id}
    free = [name for name in _FIELDS if name in owners or _is_blank(old, name)]
    ours = {name: getattr(taken, name) for name in free}
    named = {name: Taken(field=name, content_id=content_id) for name in free}
    shown = {**theirs, **{name: one for name, one in named.items() if not _is_blank(taken, name)}}
    from_film = tuple(shown[name] for name in _FIELDS if name in shown)
    return msgspec.structs.replace(old, **ours, from_film=from_film)


def _is_blank(artwork: Artwork, name: str) -> bool:
    return bool(getattr(artwork, name) == getattr(_BLANK, name))
