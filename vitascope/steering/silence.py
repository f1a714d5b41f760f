"""Which edges are late with their reports, and which have fallen silent.

An edge that serves nobody reports less often, and says in each report when the next one comes. It
is late from a second after that, and silent after three times as long; never before `silence_s`,
which is all that counts for edges that do not say. What an edge may promise has a bound.

Each edge waits in a heap for the time at which it is to be looked at next, so that a report costs
next to nothing and passing time costs what falls due.
"""

import enum
import heapq

from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import EdgeId
from vitascope.steering.settings import SteeringSettings

_GRACE_S = 1.0
_MISSED = 3  # reports
_FORGOTTEN_S = 86_400.0


class Presence(enum.Enum):
    """How long ago an edge was heard, by what it promised."""

    ON_TIME = "on time"
    LATE = "late"
    SILENT = "silent"
    FORGOTTEN = "forgotten"


class _Heard:
    """One edge's last report."""

    __slots__ = ("at", "look_at", "next_s", "presence")

    def __init__(self) -> None:
        self.at = self.next_s = 0.0
        self.look_at = float("inf")
        self.presence = Presence.ON_TIME


class EdgeSilence:
    """For one event loop."""

    def __init__(self, clock: Clock, settings: SteeringSettings) -> None:
        self._clock = clock
        self._settings = settings
        self._heard: dict[EdgeId, _Heard] = {}
        self._looks: list[tuple[float, EdgeId]] = []

    def of(self, edge_id: EdgeId) -> Presence:
        """Returns what `hear` and `expire` found last."""
        return self._heard[edge_id].presence

    def heard_at(self, edge_id: EdgeId) -> float:
        return self._heard[edge_id].at

    def hear(self, edge_id: EdgeId, next_s: float) -> None:
        """Note a report; the next one comes within `next_s`, or 0 when the edge did not say."""
        heard = self._heard.setdefault(edge_id, _Heard())
        heard.at, heard.next_s = self._clock.monotonic(), next_s
        heard.presence = Presence.ON_TIME
        self._look_at(edge_id, heard, heard.at + self._stages(next_s)[0][0])

    def forget(self, edge_id: EdgeId) -> None:
        del self._heard[edge_id]

    def expire(self) -> set[EdgeId]:
        """Returns the edges that have become late, silent or forgotten since the last time."""
        now, changed = self._clock.monotonic(), set()
        while self._looks and self._looks[0][0] < now:
            look_at, edge_id = heapq.heappop(self._looks)
            heard = self._heard.get(edge_id)
            if heard is None or heard.look_at != look_at:
                continue  # it is looked at sooner
            heard.look_at = float("inf")
            if self._judge(edge_id, heard, now):
                changed.add(edge_id)
        return changed

    def _judge(self, edge_id: EdgeId, heard: _Heard, now: float) -> bool:
        before, heard.presence = heard.presence, Presence.ON_TIME
        for after_s, presence in self._stages(heard.next_s):
            if heard.at + after_s >= now:
                self._look_at(edge_id, heard, heard.at + after_s)
                break
            heard.presence = presence
        return heard.presence is not before

    def _look_at(self, edge_id: EdgeId, heard: _Heard, at: float) -> None:
        if at < heard.look_at:
            heard.look_at = at
            heapq.heappush(self._looks, (at, edge_id))

    def _stages(self, next_s: float) -> tuple[tuple[float, Presence], ...]:
        least_s, most_s = self._settings.silence_s, self._settings.longest_silence_s
        silent_s = max(least_s, min(_MISSED * next_s, most_s))
        late_s = min(max(least_s, next_s + _GRACE_S), silent_s)
        return (
            (late_s, Presence.LATE),
            (silent_s, Presence.SILENT),
            (_FORGOTTEN_S, Presence.FORGOTTEN),
        )
