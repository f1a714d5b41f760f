"""Quality pages: a partner gives away an address, and whoever has it sees what a title is worth.

The name in the address is the job's and a secret that is kept in its report, so that nobody finds
pages by trying, and one that was shared by mistake can be taken back.
"""

import hmac
import secrets

import msgspec

from vitascope.catalog import Asset, Title, TitleRecords
from vitascope.engines.rows import Connection, Rows
from vitascope.kernel.ids import JobId
from vitascope.publishing import store
from vitascope.publishing.contract import Job, JobReport
from vitascope.publishing.ledger import Ledger
from vitascope.publishing.quality_page import NotShared, QualityPage

_NOTHING = "There is no such page, or it is not shared any more. Ask whoever gave you the address."
_NO_MASTER = "Only the job of a master that was published has a quality page."
_SECRET_BYTES = 16


class QualityPages:
    """Any number of processes may have one."""

    def __init__(self, *, rows: Rows, ledger: Ledger, catalog: TitleRecords) -> None:
        self._rows = rows
        self._ledger = ledger
        self._catalog = catalog

    async def share(self, job: Job, *, on: bool) -> JobReport:
        """Raises `NotShared`."""
        if on and (job.kind != "master" or not job.playable):
            raise NotShared(_NO_MASTER)

        def read(connection: Connection) -> JobReport:
            return store.report(connection, job.id)

        known = await self._rows.read(read)
        if on != bool(known.shared):
            tail = job.id.partition("_")[2]
            name = f"{tail}-{secrets.token_hex(_SECRET_BYTES)}" if on else ""
            await self._ledger.report(job.id, shared=name)
        return await self._rows.read(read)

    async def page(self, name: str) -> QualityPage:
        """Raises `NotShared`."""
        job = await self._rows.read(lambda c: _shared_job(c, name))
        if job is None:
            raise NotShared(_NOTHING)
        asset = await self._catalog.asset(job.content_id)
        title = next(iter(await self._catalog.titles([job.title_id])), None)
        if asset is None or title is None or not title.shown:
            raise NotShared(_NOTHING)
        reports = await self._rows.read(
            lambda c: store.reports_of_asset(c, job.content_id, asset.id)
        )
        return _page(title, job, asset, reports)


def _shared_job(connection: Connection, name: str) -> Job | None:
    job_id = JobId(f"job_{name.partition('-')[0]}")
    shared = store.report(connection, job_id).shared
    if not shared or not hmac.compare_digest(shared.encode(), name.encode()):
        return None
    return store.job(connection, job_id)


def _page(title: Title, job: Job, asset: Asset, reports: list[JobReport]) -> QualityPage:
    """Of a version the first of the reports is that of its master, the others those of formats that
    were added."""
    chosen = [rung.name for report in reports for rung in report.rungs]
    places = {name: place for place, name in enumerate(chosen)}
    there = {rung.name for rung in asset.ladder}
    episode = next((one for one in title.episodes if str(one.id) == job.content_id), None)
    checks = [passed for report in reports for passed in _checks(report)]
    return QualityPage(
        names={one.locale: one.name for one in title.wordings},
        season=episode.season if episode else 0,
        episode=episode.number if episode else 0,
        duration_ms=asset.duration_ms,
        rungs=tuple(sorted(asset.ladder, key=lambda rung: places.get(rung.name, len(places)))),
        quality={
            name: worth
            for report in reports
            for name, worth in report.quality.items()
            if name in there
        },
        trials=tuple(trial for report in reports for trial in report.trials),
        saving=next((report.saving for report in reports if report.saving), None),
        checks=len(checks),
        checks_passed=sum(checks),
    )


class _Check(msgspec.Struct):
    passed: bool
    decided: bool = True


def _checks(report: JobReport) -> list[bool]:
    told = msgspec.convert(report.checks, dict[str, _Check])
    return [one.passed and one.decided for one in told.values()]
