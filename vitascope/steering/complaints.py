"""Which edges too many sessions complain of, as time passes."""

from collections import deque
from collections.abc import Iterable

from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import EdgeId


class Complaints:
    """An edge is in trouble while `enough` different sessions have complained of it within the last
    `window_s` seconds: one player on a bad line says nothing of an edge."""

    def __init__(self, clock: Clock, window_s: float, enough: int) -> None:
        self._clock = clock
        self._window_s = window_s
        self._enough = enough
        self._latest: dict[EdgeId, dict[str, float]] = {}  # of each session
        self._heard: deque[tuple[float, EdgeId, str]] = deque()

    def add(self, edge_ids: Iterable[EdgeId], session_id: str) -> None:
        now = self._clock.monotonic()
        for edge_id in edge_ids:
            self._latest.setdefault(edge_id, {})[session_id] = now
            self._heard.append((now, edge_id, session_id))

    def are_enough(self, edge_id: EdgeId) -> bool:
        """Returns True if enough sessions complained of the edge, as of the last `expire`."""
        return len(self._latest.get(edge_id, ())) >= self._enough

    def expire(self) -> set[EdgeId]:
        """Forget what is older than the window. Returns the edges that lost a complaint."""
        since = self._clock.monotonic() - self._window_s
        changed: set[EdgeId] = set()
        while self._heard and self._heard[0][0] <= since:
            at, edge_id, session_id = self._heard.popleft()
            sessions = self._latest.get(edge_id, {})
            if sessions.get(session_id) == at:  # the session has not complained again since
                del sessions[session_id]
                changed.add(edge_id)
            if not sessions:
                self._latest.pop(edge_id, None)
        return changed
