"""Pictures for a title that nobody has drawn for: taken from the film, kept by the catalog."""

from collections.abc import Sequence

import msgspec

from vitascope.catalog import Artwork, Title, TitleRecords
from vitascope.encoding import (
    ArtworkRefs,
    Encoding,
    MakeArtwork,
    OnProgress,
    RenditionRef,
    ShotPlan,
    Source,
)
from vitascope.engines.blobs import Blobs
from vitascope.kernel.ids import ContentId, TitleId

_PICTURES = {"poster": "webp", "landscape": "webp", "billboard": "webp", "preview": "mp4"}


class Illustrator:
    """What it does is harmless when done again. Unless it is `enabled`, titles stay bare."""

    def __init__(
        self, *, encoding: Encoding, catalog: TitleRecords, blobs: Blobs, enabled: bool = True
    ) -> None:
        self._encoding = encoding
        self._catalog = catalog
        self._blobs = blobs
        self._enabled = enabled

    async def illustrate(
        self,
        title_id: TitleId,
        content_id: ContentId,
        source: Source,
        shots: ShotPlan,
        renditions: Sequence[RenditionRef],
        progress: OnProgress,
    ) -> bool:
        """Make pictures where one is missing, or is an earlier one of ours. Returns False when
        there was nothing in the film that is fit for one."""
        if not self._enabled or not await self._is_bare(title_id, content_id):
            return True
        request = MakeArtwork(source=source, shots=shots, renditions=tuple(renditions))
        refs = await self._encoding.run(request, progress)
        if refs == ArtworkRefs():
            return False
        kept = {name: await self._kept(getattr(refs, name), name) for name in _PICTURES}
        tint = {"tint": refs.tint} if refs.tint else {}
        taken = msgspec.structs.replace(Artwork(), **kept, **tint)
        await self._catalog.illustrate(title_id, content_id, taken)
        return True

    async def _is_bare(self, title_id: TitleId, content_id: ContentId) -> bool:
        titles = await self._catalog.titles([title_id])
        return any(is_bare(artwork) for one in titles for artwork in shown_by(one, content_id))

    async def _kept(self, key: str, name: str) -> str:
        if not key:
            return ""
        return await self._catalog.keep_picture(await self._blobs.get(key), _PICTURES[name])


def shown_by(title: Title, content_id: ContentId) -> list[Artwork]:
    """Returns where pictures of this content are seen: its own place, and its series'."""
    own = [episode.artwork for episode in title.episodes if ContentId(episode.id) == content_id]
    return [title.artwork, *own]


def is_bare(artwork: Artwork) -> bool:
    ours = {one.field for one in artwork.from_film}
    return any(name in ours or not getattr(artwork, name) for name in _PICTURES)
