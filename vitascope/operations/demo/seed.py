"""What `vitascope up` brings in on its first start.

In the order in which a person would miss it: accounts, titles, the first film on its way to being
played, its pictures, habits. The rest (more pictures, the other films) goes on behind, while one
watches: first versions of all films go before better ones of any. Every part looks first whether it
is there already, so that a start that was cut short is taken up where it stood and a later start
changes nothing.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from vitascope.billing import Billing
from vitascope.catalog import TitleRecords
from vitascope.identity import Identity
from vitascope.ingest import UploadPriority
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import VitascopeError
from vitascope.operations.demo.films import DemoFilm, DemoMaster, films
from vitascope.operations.demo.habits import bring_habits
from vitascope.operations.demo.people import DemoPeople, bring_people
from vitascope.operations.demo.pictures import keep_pictures
from vitascope.operations.demo.sign_ins import KNOWN, SignIns
from vitascope.viewing import Viewing

Upload = Callable[[Path, DemoMaster, UploadPriority], Awaitable[None]]
"""Sends a master and its subtitles as the partner: their folder, what they are of, priority."""

Trouble = Callable[[], Awaitable[dict[str, str]]]
"""Why contents will not come, by content id: the reasons of jobs that failed."""

Step = Callable[[str, float, float], None]
"""Name of the step, how much is done, of how much."""

_log = structlog.get_logger("demo")
_LOOK_EVERY_S = 0.25
_LOOK_AGAIN_EVERY_S = 2.0  # while the other films come
_LOOKS_BEFORE_ASKING = 40
_OTHERS = "Bringing in the other films"


class DemoSeed:
    """`folder` is the project's `demo/`, `notes` a folder of the data folder. `every_film` brings
    all films, and not the first one alone."""

    def __init__(
        self,
        *,
        identity: Identity,
        by: SignIns = KNOWN,
        billing: Billing,
        catalog: TitleRecords,
        viewing: Viewing,
        upload: Upload,
        trouble: Trouble,
        clock: Clock,
        folder: Path,
        notes: Path,
        step: Step,
        every_film: bool = True,
    ) -> None:
        self._identity = identity
        self._by = by
        self._billing = billing
        self._catalog = catalog
        self._viewing = viewing
        self._upload = upload
        self._trouble = trouble
        self._clock = clock
        self._folder = folder
        self._notes = notes
        self._step = step
        self._every_film = every_film

    async def first(self) -> list[tuple[str, str, str]]:
        """Bring everything that one needs to see and play something. Returns the sign-ins (who,
        email, password) when a film can be played, or when none will come."""
        await asyncio.to_thread(self._notes.mkdir, parents=True, exist_ok=True)
        people = await bring_people(self._identity, self._billing, self._notes, self._by)
        known = await self._films(people)
        await asyncio.gather(*(self._catalog.save(film.title) for film in known))
        front = [film for film in known if film.masters]
        first = front[0].masters[0]
        sent = await self._send_first(first)
        await asyncio.gather(self._first_pictures(front), self._habits(people, front[:1]))
        if sent:
            await self._until_playable(known, first)
        return [
            ("viewer", self._by.viewer.email, self._by.viewer.password),
            ("partner", self._by.partner.email, self._by.partner.password),
            ("operator", self._by.operator.email, self._by.operator.password),
        ]

    async def rest(self) -> None:
        """Bring the other pictures, and the other films: all are sent, and what makes each of them
        playable goes before what makes any of them better. A film that is not taken is left for
        the next start."""
        people = await bring_people(self._identity, self._billing, self._notes, self._by)
        known = await self._films(people)
        await self._pictures(known)
        if not self._every_film:
            return
        coming = [(film, master) for film in known for master in film.masters]
        sent = [one for one in coming if await self._is_taken(*one)]
        for done, (film, master) in enumerate(sent, len(coming) - len(sent)):
            self._step(_OTHERS, done, len(coming))
            if await self._has_come(film, master):
                await self._habits(people, [film])
        self._step(_OTHERS, len(coming), len(coming))

    async def _is_taken(self, film: DemoFilm, master: DemoMaster) -> bool:
        """Send a film, unless it was sent. Returns False if it was not taken."""
        try:
            await self._send(master, "back-catalog")  # a partner's own film goes first
        except Exception as error:  # noqa: BLE001 - the demo must not stop the service
            _log.warning("a film of the demo was left out", slug=film.slug, error=repr(error))
            return False
        return True

    async def _has_come(self, film: DemoFilm, master: DemoMaster) -> bool:
        """Returns True when a film can be played, False when it will not come."""
        try:
            return await self._can_be_played(master, _LOOK_AGAIN_EVERY_S)
        except Exception as error:  # noqa: BLE001 - the demo must not stop the service
            _log.warning("a film of the demo was left out", slug=film.slug, error=repr(error))
            return False

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

    async def _habits(self, people: DemoPeople, films: list[DemoFilm]) -> None:
        """What profiles watched, liked and listed of these films: they can be played, or are on
        their way."""
        new = [film for film in films if not await self._noted(f"habits-{film.slug}")]
        if not new or await self._noted("habits"):  # all of them came with an older version
            return
        profiles = await self._identity.profiles(people.viewer_id)
        await bring_habits(self._viewing, profiles, new, self._clock.now_ms())
        for film in new:
            await self._note(f"habits-{film.slug}")

    async def _until_playable(self, known: list[DemoFilm], first: DemoMaster) -> None:
        """Return when the first film can be played; the other pictures come meanwhile, and are not
        waited for. When it will not come, say why and return: the service is well."""
        self._step("Encoding the first film", 0, 1)
        bringing = asyncio.create_task(self._pictures(known))
        try:
            if not await self._can_be_played(first, _LOOK_EVERY_S):
                return
        finally:
            bringing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await bringing
        self._step("Encoding the first film", 1, 1)

    async def _can_be_played(self, master: DemoMaster, every_s: float) -> bool:
        """Returns True when it is published, False when its job has failed."""
        looked = 0
        while not await self._catalog.asset(master.content_id):
            await self._clock.sleep(every_s)
            looked += 1
            if looked % _LOOKS_BEFORE_ASKING == 0:
                reason = (await self._trouble()).get(master.content_id)
                if reason is not None:
                    _log.warning("a film of the demo could not be published", reason=reason)
                    return False
        return True

    async def _send_first(self, master: DemoMaster) -> bool:
        """Returns False when the service takes no film now, as on a disk that is nearly full: it is
        well all the same, and is sent the film at the next start."""
        try:
            await self._send(master, "new-release")
        except VitascopeError as refusal:
            _log.warning("the demo's film was not taken", reason=refusal.detail)
            return False
        return True

    async def _send(self, master: DemoMaster, priority: UploadPriority) -> None:
        if not await self._is_sent(master):
            await self._upload(self._folder / "media", master, priority)
            await self._note(f"sent-{master.content_id}")

    async def _is_sent(self, master: DemoMaster) -> bool:
        if await self._noted(f"sent-{master.content_id}"):
            return True
        return await self._catalog.asset(master.content_id) is not None

    async def _noted(self, name: str) -> bool:
        return await asyncio.to_thread((self._notes / name).exists)

    async def _note(self, name: str) -> None:
        await asyncio.to_thread((self._notes / name).touch)
