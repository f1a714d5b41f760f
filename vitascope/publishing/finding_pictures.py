"""Pictures of where something was found in a master, kept with its job for who may read the report,
until the title is deleted or the episode removed. Which there are is told by the report."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from vitascope.encoding import Finding, FindingPicture
from vitascope.engines.blobs import BlobNotFound, Blobs
from vitascope.engines.rows import Rows
from vitascope.kernel.ids import ContentId, JobId, TitleId
from vitascope.publishing import store
from vitascope.publishing.contract import Job, NoSuchStill

_PREFIX = "findings"
_MOST, _MOST_OF_A_CODE = 24, 6
_NOT_SEEN = frozenset({"black"})  # their picture would show nothing


def places_of(findings: Sequence[Finding]) -> dict[int, int]:
    """Returns the time of which a picture is wanted, by the finding's place in the list: the middle
    of where it is, for at most so many."""
    places: dict[int, int] = {}
    counts: Counter[str] = Counter()
    for n, finding in enumerate(findings):
        if finding.from_ms is None or finding.code in _NOT_SEEN or len(places) == _MOST:
            continue
        counts[finding.code] += 1
        if counts[finding.code] <= _MOST_OF_A_CODE:
            until_ms = finding.from_ms if finding.until_ms is None else finding.until_ms
            places[n] = (finding.from_ms + until_ms) // 2
    return places


class FindingPictures:
    """Any number of processes may have one, over the same rows and blobs."""

    def __init__(self, *, rows: Rows, blobs: Blobs) -> None:
        self._rows = rows
        self._blobs = blobs

    async def keep(
        self,
        job: Job,
        findings: Sequence[Finding],
        pictures: Sequence[FindingPicture],
    ) -> tuple[Finding, ...]:
        """Keep the pictures of a job. Returns its findings with their names; harmless when
        repeated."""
        told = list(findings)
        by_time = {one.at_ms: one for one in pictures}
        for n, at_ms in places_of(findings).items():
            if at_ms in by_time:
                name = f"{n:02}"
                content = await self._blobs.get(by_time[at_ms].key)
                await self._blobs.put(_key(job, name), content, overwrite=True)
                told[n] = msgspec.structs.replace(told[n], picture=name)
        return tuple(told)

    async def picture(self, job: Job, name: str) -> bytes:
        """Returns a WebP. Raises `NoSuchStill`."""
        report = await self._rows.read(lambda c: store.report(c, job.id))
        if not name or name not in {one.picture for one in report.findings}:
            raise NoSuchStill("There is no such picture.")
        try:
            return await self._blobs.get(_key(job, name))
        except BlobNotFound as error:
            raise NoSuchStill("There is no such picture.") from error

    async def forget(self, title_id: TitleId) -> None:
        """Delete those of a title."""
        await self._blobs.delete_prefix(f"{_PREFIX}/{title_id}/")

    async def forget_content(self, title_id: TitleId, content_id: ContentId) -> None:
        """Delete those of an episode."""
        for job_id in await self._rows.read(lambda c: store.jobs_of(c, content_id)):
            await self._blobs.delete_prefix(_prefix(title_id, job_id))


def _prefix(title_id: TitleId, job_id: JobId) -> str:
    return f"{_PREFIX}/{title_id}/{job_id}/"


def _key(job: Job, name: str) -> str:
    return f"{_prefix(job.title_id, job.id)}{name}.webp"
