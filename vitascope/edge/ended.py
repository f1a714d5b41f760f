"""Which playback sessions have ended while tokens of theirs are still good.

A path token names its session and is good until the stream's lease would end, up to 150 s. An edge
asks playback about the sessions that it serves and about no others, so that what it asks grows with
its own viewers and not with the audience. An answer holds for eight seconds. Every two seconds the
edge asks again about those that were served meanwhile: a film under way does not wait. A session
that comes for the first time, or after a pause, waits for its answer. While nobody can tell, tokens
end with the lease, as they say.
"""

import asyncio
from collections.abc import Iterable
from itertools import islice

import structlog

from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.ids import SessionId
from vitascope.playback import MOST_SESSIONS_ASKED, EndedSessions

log = structlog.get_logger(__name__)

_HOLDS_S = 8.0
_ASK_AGAIN_S = 4.0
_WAIT_S = 1.0


class RefusedSessions:
    """Refuses sessions that playback says have ended."""

    def __init__(
        self, playback: EndedSessions, clock: Clock, *, every_s: float, wait_s: float = _WAIT_S
    ) -> None:
        """`wait_s` is how long a request waits for an answer before it is served without."""
        self._playback = playback
        self._clock = clock
        self._every_s = every_s
        self._wait_s = wait_s
        self._until_ms: dict[str, int] = {}  # those that ended; when their last token expires
        self._asked_at: dict[str, float] = {}  # those that had not ended
        self._served: set[str] = set()  # since the last look
        self._asking = asyncio.Lock()
        self._begun = asyncio.Event()
        self._is_heard = True

    async def has_ended(self, session: str) -> bool:
        """Returns True for a session that must not be served. It counts as served otherwise."""
        if session not in self._until_ms:
            self._served.add(session)
            self._begun.set()
            if self._is_heard and self._is_due(session, _HOLDS_S):
                await self._ask_for(session)
        return session in self._until_ms

    async def run(self) -> None:
        """Ask until cancelled. That playback cannot be reached is in the log once."""
        while True:
            await self._begun.wait()
            await self._clock.sleep(self._every_s)
            try:
                await self.look()
            except (VitascopeError, OSError) as error:
                self._miss(str(error))
            if not (self._served or self._asked_at or self._until_ms):
                self._begun.clear()  # until a session is served again

    async def look(self) -> None:
        """Ask about the sessions that were served since the last look, and forget old answers.
        Raises what playback raises."""
        now_ms, old = self._clock.now_ms(), self._clock.monotonic() - _HOLDS_S
        self._until_ms = {one: until for one, until in self._until_ms.items() if until > now_ms}
        self._asked_at = {one: at for one, at in self._asked_at.items() if at > old}
        async with self._asking:
            due = iter([one for one in self._served if self._is_due(one, _ASK_AGAIN_S)])
            self._served.clear()
            while batch := list(islice(due, MOST_SESSIONS_ASKED)):
                await self._ask(batch)

    async def _ask_for(self, session: str) -> None:
        """Ask about a session, and in the same call about all others that wait by then."""
        try:
            async with asyncio.timeout(self._wait_s), self._asking:
                if session not in self._until_ms and self._is_due(session, _HOLDS_S):
                    others = (one for one in self._served if self._is_due(one, _HOLDS_S))
                    batch = {session, *islice(others, MOST_SESSIONS_ASKED - 1)}
                    await self._ask(batch)
        except (VitascopeError, OSError) as error:  # a timeout is an OSError
            self._miss(str(error) or "no answer in time")

    async def _ask(self, sessions: Iterable[str]) -> None:
        asked_at, asked = self._clock.monotonic(), [SessionId(one) for one in sessions]
        ended = await self._playback.which_ended(asked)
        self._asked_at.update(dict.fromkeys(asked, asked_at))
        self._until_ms.update({one.session_id: one.until_ms for one in ended})
        if not self._is_heard:
            log.info("edge.ended_sessions_heard_again")
        self._is_heard = True

    def _is_due(self, session: str, after_s: float) -> bool:
        if session in self._until_ms:
            return False
        asked_at = self._asked_at.get(session)
        return asked_at is None or self._clock.monotonic() - asked_at >= after_s

    def _miss(self, why: str) -> None:
        """Nobody waits until playback answers again."""
        if self._is_heard:
            log.warning("edge.ended_sessions_not_heard", why=why)
        self._is_heard = False
