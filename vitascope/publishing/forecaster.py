"""What a job will take, asked before it is begun."""

from collections.abc import Sequence

import msgspec

from vitascope.catalog import Asset
from vitascope.encoding import CostOf, Effort, FilmToEncode
from vitascope.engines.leases import Leases
from vitascope.engines.rows import Connection, Rows
from vitascope.kernel.clock import Clock
from vitascope.kernel.media import FormatName
from vitascope.publishing import store
from vitascope.publishing.contract import FormatOffer, Job
from vitascope.publishing.estimate import FilmSize
from vitascope.publishing.estimates import Estimate, FilmTold
from vitascope.publishing.forecast import OF_A_FORMAT, FilmJob, estimate, foretold
from vitascope.publishing.overview import WORKERS

_USUAL_RATE = 25.0


class Forecaster:
    """By what encoding is expected to cost with the settings of this service, and by what earlier
    jobs took."""

    def __init__(
        self,
        *,
        rows: Rows,
        leases: Leases,
        clock: Clock,
        cost_of: CostOf,
        formats: tuple[FormatName, ...] = ("h264",),
        first_version: bool = True,
    ) -> None:
        self._rows = rows
        self._leases = leases
        self._clock = clock
        self._cost_of = cost_of
        self._formats = formats
        self._first_version = first_version

    async def of_film(self, film: FilmTold, effort: Effort) -> Estimate:
        """Returns what a film would take that comes now."""
        frames = max(1, round(film.duration_ms / 1000 * film.frame_rate))
        asked = FilmToEncode(
            frames=frames,
            width=film.width,
            height=film.height,
            frame_rate=film.frame_rate,
            sounds=film.sounds,
        )
        wanted = self._wanted(asked, effort, first_version=True)
        workers = await self._workers()

        def look(connection: Connection) -> Estimate:
            past, ahead = store.earlier_jobs(connection), store.ahead_of(connection, film.priority)
            return estimate(wanted, past, ahead, workers, self._clock.now_ms())

        return await self._rows.read(look)

    async def of_job(
        self, job: Job, film: FilmToEncode, effort: Effort, *, first_version: bool
    ) -> tuple[FilmJob, Estimate]:
        """Returns what a job will take, now that its film is known."""
        wanted = self._wanted(film, effort, first_version=first_version)
        workers = await self._workers()

        def look(connection: Connection) -> Estimate:
            past = store.earlier_jobs(connection)
            ahead = store.ahead_of(connection, job.priority, job.id)
            return estimate(wanted, past, ahead, workers, self._clock.now_ms())

        return wanted, await self._rows.read(look)

    async def with_costs(
        self, offers: Sequence[FormatOffer], asset: Asset, effort: Effort, *, in_hdr: bool
    ) -> tuple[FormatOffer, ...]:
        """Returns offers with the processor time that this service has learned to expect."""
        top = max(asset.ladder, key=lambda rung: rung.height, default=None)
        if not offers or top is None:
            return tuple(offers)
        rate = top.frame_rate or _USUAL_RATE
        film = FilmToEncode(
            frames=max(1, round(asset.duration_ms / 1000 * rate)),
            width=top.width,
            height=top.height,
            frame_rate=rate,
            hdr=in_hdr,
        )
        past = await self._rows.read(store.earlier_jobs)

        def cpu_s(name: FormatName) -> float:
            size = FilmSize(frames=film.frames, pixels=film.width * film.height)
            job = FilmJob(
                film=size,
                effort=effort,
                formats=(name,),
                cost=self._cost_of(effort, film, (name,)),
                first_version=False,
            )
            found = foretold(job, past)
            return sum(found[kind] for kind in OF_A_FORMAT)

        return tuple(
            msgspec.structs.replace(offer, cpu_hours=round(cpu_s(offer.codec) / 3600, 2))
            for offer in offers
        )

    def _wanted(self, film: FilmToEncode, effort: Effort, *, first_version: bool) -> FilmJob:
        return FilmJob(
            film=FilmSize(frames=film.frames, pixels=film.width * film.height),
            effort=effort,
            formats=self._formats,
            cost=self._cost_of(effort, film, self._formats),
            first_version=first_version and self._first_version,
        )

    async def _workers(self) -> int:
        return len(await self._leases.holders(WORKERS))
