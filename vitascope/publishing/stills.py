"""Stills of a film that its partner may choose from: kept with the job that took them, for partners
alone, until the title is deleted or the episode removed.

A second master of the same film brings stills of its own. Those of the one before stay as long as
they are needed when it is discarded, so a film never has more than two sets, of at most 12 stills
of some 300 kB each.
"""

from collections.abc import Sequence

from vitascope.encoding import Still
from vitascope.engines.blobs import BlobNotFound, Blobs
from vitascope.engines.rows import Rows
from vitascope.kernel.ids import ContentId, JobId, TitleId
from vitascope.publishing.contract import NoSuchStill, OfferedStill
from vitascope.publishing.store import stills as store

_PREFIX = "stills"


class Stills:
    """Any number of processes may have one, over the same rows and blobs."""

    def __init__(self, *, rows: Rows, blobs: Blobs) -> None:
        self._rows = rows
        self._blobs = blobs

    async def keep(self, job_id: JobId, stills: Sequence[Still]) -> None:
        """Keep what was taken from a job's film; harmless when repeated."""
        place = await self._rows.read(lambda c: store.place_of(c, job_id))
        if place is None or not stills:
            return
        title_id, content_id = place
        prefix = _prefix_of(title_id, job_id)
        for n, still in enumerate(stills, 1):
            for key, small in ((still.key, False), (still.small_key, True)):
                content = await self._blobs.get(key)
                await self._blobs.put(_key(prefix, n, small=small), content, overwrite=True)
        offered = tuple(
            OfferedStill(
                name=f"{job_id}-{n:02}", at_ms=one.at_ms, width=one.width, height=one.height
            )
            for n, one in enumerate(stills, 1)
        )
        dropped = await self._rows.write(lambda c: store.keep(c, job_id, content_id, offered))
        for one in dropped:
            await self._blobs.delete_prefix(_prefix_of(title_id, one))

    async def of(self, content_id: ContentId) -> tuple[OfferedStill, ...]:
        """Returns what may be chosen from, the best first: of the newest master that was not
        discarded."""
        found = await self._rows.read(lambda c: store.shown(c, content_id))
        return found[1] if found else ()

    async def picture(
        self, title_id: TitleId, content_id: ContentId, name: str, *, small: bool
    ) -> bytes:
        """Returns a WebP. Raises `NoSuchStill`."""
        job, _, number = name.rpartition("-")
        job_id = JobId(job)
        there = await self._rows.read(lambda c: store.of_job(c, job_id, content_id))
        if name not in {one.name for one in there}:
            raise NoSuchStill("There is no such still. Later ones may have taken its place.")
        prefix = _prefix_of(title_id, job_id)
        try:
            return await self._blobs.get(_key(prefix, int(number), small=small))
        except BlobNotFound as error:
            raise NoSuchStill("There is no such still.") from error

    async def forget(self, title_id: TitleId) -> None:
        """Delete those of a title, whose jobs have ended."""
        await self._rows.write(lambda c: store.forget(c, title_id))
        await self._blobs.delete_prefix(f"{_PREFIX}/{title_id}/")

    async def forget_content(self, title_id: TitleId, content_id: ContentId) -> None:
        """Delete those of an episode, whose jobs have ended."""
        for job_id in await self._rows.write(lambda c: store.forget_content(c, content_id)):
            await self._blobs.delete_prefix(_prefix_of(title_id, job_id))

    async def sweep(self, before_ms: int) -> int:
        """Delete what no job tells of and was written before: a worker was killed as it kept or
        deleted them. Returns how many jobs' stills that were."""
        old, after = dict[str, JobId](), ""
        while page := await self._blobs.list(f"{_PREFIX}/", after=after):
            for blob in page:
                prefix, _, _ = blob.key.rpartition("/")
                if blob.modified_at_ms < before_ms:
                    old[f"{prefix}/"] = JobId(prefix.rpartition("/")[2])
            after = page[-1].key
        told = await self._rows.read(lambda c: store.have_stills(c, list(old.values())))
        lost = [prefix for prefix, job_id in old.items() if job_id not in told]
        for prefix in lost:
            await self._blobs.delete_prefix(prefix)
        return len(lost)


def _prefix_of(title_id: TitleId, job_id: JobId) -> str:
    return f"{_PREFIX}/{title_id}/{job_id}/"


def _key(prefix: str, number: int, *, small: bool) -> str:
    return f"{prefix}{number:02}{'-small' if small else ''}.webp"
