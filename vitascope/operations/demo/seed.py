"""What `vitascope up` brings in on its first start.

In the order in which a person would miss it: accounts, titles, the first film on its way to being
played, its pictures, habits. The rest (more pictures, studies to render, their uploads) goes on
behind, while one watches. Every part looks first whether it is there already, so that a start that
was cut short is taken up where it stood and a later start changes nothing.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from vitascope.billing import Billing
from vitascope.catalog import TitleRecords
from vitascope.client import Refused
from vitascope.engines.media import Media
from vitascope.identity import Identity
from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import ContentId
from vitascope.operations.demo.films import DemoFilm, DemoMaster, films
from vitascope.operations.demo.habits import bring_habits
from vitascope.operations.demo.people import OPERATOR, PARTNER, VIEWER, DemoPeople, bring_people
from vitascope.operations.demo.pictures import keep_pictures
from vitascope.operations.demo.studies import render
from vitascope.viewing import Viewing

Upload = Callable[[Path, DemoMaster, str], Awaitable[None]]
"""Sends a file as the partner: file, what it is of, priority."""

Trouble = Callable[[], Awaitable[dict[str, str]]]
"""Why contents will not come, by content id: the reasons of jobs that failed."""

Step = Callable[[str, float, float], None]
"""Name of the step, how much is done, of how much."""

_log = structlog.get_logger("demo")
_LOOK_EVERY_S = 0.25
_LOOKS_BEFORE_ASKING = 40


class DemoSeed:
    """`folder` is the project's `demo/`, `notes` a folder of the data folder."""

    def __init__(
        self,
        *,
        identity: Identity,
        billing: Billing,
        catalog: TitleRecords,
        viewing: Viewing,
        media: Media,
        upload: Upload,
        trouble: Trouble,
        clock: Clock,
        folder: Path,
        notes: Path,
        step: Step,
    ) -> None:
        self._identity = identity
        self._billing = billing
        self._catalog = catalog
        self._viewing = viewing
        self._media = media
        self._upload = upload
        self._trouble = trouble
        self._clock = clock
        self._folder = folder
        self._notes = notes
        self._step = step

    async def first(self) -> list[tuple[str, str, str]]:
        """Bring everything that one needs to see and play something. Returns the sign-ins (who,
        email, password) when a film can be played, or when none will come."""
        await asyncio.to_thread(self._notes.mkdir, parents=True, exist_ok=True)
        people = await bring_people(self._identity, self._billing, self._notes)
        known = await self._films(people)
        await asyncio.gather(*(self._catalog.save(film.title) for film in known))
        sent = await self._send_first([m for film in known for m in film.masters if m.file])
        front = [film for film in known if film.masters]
        await asyncio.gather(self._first_pictures(front), self._habits(people, known))
        if sent:
            await self._until_playable(known)
        return [
            ("viewer", *VIEWER),
            ("partner", *PARTNER),
            ("operator", *OPERATOR),
        ]

    async def rest(self) -> None:
        """Bring the other pictures; render what is to be rendered, and send it. A study that fails
        is left for the next start."""
        people = await bring_people(self._identity, self._billing, self._notes)
        known = await self._films(people)
        await self._pictures(known)
        for master in [m for film in known for m in film.masters if m.study]:
            if await self._is_sent(master):
                continue
            try:
                await render(self._media, master.study, self._notes)
                await self._send([master], "back-catalog")  # a partner's own film goes first
            except Exception as error:  # noqa: BLE001 - the demo must not stop the service
                _log.warning("study left out", study=master.study, error=repr(error))

    async def _films(self, people: DemoPeople) -> list[DemoFilm]:
        return await asyncio.to_thread(films, self._folder, people.partner_id)

    async def _first_pictures(self, front: list[DemoFilm]) -> None:
        """Those of the films that can be played today."""
        name = "Bringing in the first pictures"
        await self._pictures(front, lambda done, total: self._step(name, done, max(1, total)))
        self._step(name, 1, 1)

    async def _pictures(
        self, known: list[DemoFilm], step: Callable[[int, int], None] = lambda *_: None
    ) -> None:
        await keep_pictures(self._catalog, known, self._folder / "artwork", step)

    async def _habits(self, people: DemoPeople, known: list[DemoFilm]) -> None:
        if await self._noted("habits"):
            return
        profiles = await self._identity.profiles(people.viewer_id)
        await bring_habits(self._viewing, profiles, known, self._clock.now_ms())
        await self._note("habits")

    async def _until_playable(self, known: list[DemoFilm]) -> None:
        """Return when the first of the films that were sent can be played; the other pictures come
        meanwhile, and are not waited for. When no film will come, say why and return: the service
        is well."""
        waiting = [ContentId(m.content_id) for film in known for m in film.masters if m.file]
        self._step("Encoding the first film", 0, 1)
        bringing = asyncio.create_task(self._pictures(known))
        try:
            if not await self._can_be_played(waiting):
                return
        finally:
            bringing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await bringing
        self._step("Encoding the first film", 1, 1)

    async def _can_be_played(self, waiting: list[ContentId]) -> bool:
        """Returns True when one of them is published, False when all of them have failed."""
        looked = 0
        while not [each for each in waiting if await self._catalog.asset(each)]:
            await self._clock.sleep(_LOOK_EVERY_S)
            looked += 1
            if looked % _LOOKS_BEFORE_ASKING == 0:
                reasons = await self._trouble()
                if reasons.keys() >= set(waiting):
                    _log.warning("the demo's film could not be published", reasons=reasons)
                    return False
        return True

    async def _send_first(self, masters: list[DemoMaster]) -> bool:
        """Returns False when the service takes no film now, as on a disk that is nearly full: it is
        well all the same, and is sent the film at the next start."""
        try:
            await self._send(masters, "new-release")
        except Refused as refusal:
            _log.warning("the demo's film was not taken", reason=refusal.detail)
            return False
        return True

    async def _send(self, masters: list[DemoMaster], priority: str) -> None:
        for master in masters:
            if not await self._is_sent(master):
                rendered = self._notes / f"{master.study}.mp4"
                file = self._folder / "media" / master.file if master.file else rendered
                await self._upload(file, master, priority)
                await self._note(f"sent-{master.content_id}")
                await asyncio.to_thread(rendered.unlink, missing_ok=True)

    async def _is_sent(self, master: DemoMaster) -> bool:
        if await self._noted(f"sent-{master.content_id}"):
            return True
        return await self._catalog.asset(master.content_id) is not None

    async def _noted(self, name: str) -> bool:
        return await asyncio.to_thread((self._notes / name).exists)

    async def _note(self, name: str) -> None:
        await asyncio.to_thread((self._notes / name).touch)
