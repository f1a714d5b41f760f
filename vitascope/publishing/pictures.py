"""Pictures for a title that nobody has drawn for: taken from the film, kept by the catalog; and
stills from which its partner may choose others."""

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
from vitascope.kernel.ids import ContentId, JobId, TitleId
from vitascope.publishing.stills import Stills

_PICTURES = {"poster": "webp", "landscape": "webp", "billboard": "webp", "preview": "mp4"}


class Illustrator:
    """What it does is harmless when done again. Unless it is `enabled`, titles stay bare."""

    def __init__(
        self,
        *,
        encoding: Encoding,
        catalog: TitleRecords,
        blobs: Blobs,
        stills: Stills,
        enabled: bool = True,
    ) -> None:
        self._encoding = encoding
        self._catalog = catalog
        self._blobs = blobs
        self._stills = stills
        self._enabled = enabled

    async def illustrate(
        self,
        job_id: JobId,
        title_id: TitleId,
        content_id: ContentId,
        source: Source,
        shots: ShotPlan,
        renditions: Sequence[RenditionRef],
        progress: OnProgress,
    ) -> bool:
        """Take stills to choose from, and make pictures where one is missing, or is an earlier one
        of ours. Returns False when there was nothing in the film that is fit for one."""
        if not self._enabled:
            return True
        request = MakeArtwork(source=source, shots=shots, renditions=tuple(renditions))
        refs = await self._encoding.run(request, progress)
        wanted = await self._wanted(title_id, content_id)
        if refs == ArtworkRefs():
            return not wanted
        await self._stills.keep(job_id, refs.stills)
        if wanted:
            kept = {name: await self._kept(getattr(refs, name), name) for name in wanted}
            tint = {"tint": refs.tint} if refs.tint else {}
            taken = msgspec.structs.replace(Artwork(), **kept, **tint)
            await self._catalog.illustrate(title_id, content_id, taken)
        return True

    async def _wanted(self, title_id: TitleId, content_id: ContentId) -> list[str]:
        """Returns the fields in which nobody's picture is seen, or an earlier one of ours."""
        titles = await self._catalog.titles([title_id])
        seen = [artwork for one in titles for artwork in shown_by(one, content_id)]
        return [name for name in _PICTURES if any(is_free(artwork, name) for artwork in seen)]

    async def _kept(self, key: str, name: str) -> str:
        if not key:
            return ""
        return await self._catalog.keep_picture(await self._blobs.get(key), _PICTURES[name])


def shown_by(title: Title, content_id: ContentId) -> list[Artwork]:
    """Returns where pictures of this content are seen: its own place, and its series'."""
    own = [episode.artwork for episode in title.episodes if ContentId(episode.id) == content_id]
    return [title.artwork, *own]


def is_free(artwork: Artwork, name: str) -> bool:
    return not getattr(artwork, name) or name in {one.field for one in artwork.from_film}
