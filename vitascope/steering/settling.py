"""Who was sent where a moment ago: what edges will carry, and cannot report yet.

Counted as viewers come and as they settle, never anew: players ask for a ranking every few
seconds, and each answer needs the counts.
"""

from collections import Counter, OrderedDict, deque

from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import EdgeId

_MOST_VIEWERS = 200_000  # remembered after they have settled


class Settling:
    """A viewer counts once, for `settle_s` from when it was first sent; asking again moves it, no
    more."""

    def __init__(self, clock: Clock, settle_s: float) -> None:
        self._clock = clock
        self._settle_s = settle_s
        self._sent: OrderedDict[str, tuple[EdgeId, float]] = OrderedDict()  # and when, at first
        self._unsettled: deque[str] = deque()  # those of them that count, the first sent first
        self._viewers: Counter[EdgeId] = Counter()

    def send(self, viewer_key: str, edge_id: EdgeId) -> None:
        self._settle()
        now = self._clock.monotonic()
        before, first = self._sent.get(viewer_key, (None, now))
        if before is None:
            self._unsettled.append(viewer_key)
            self._viewers[edge_id] += 1
        elif first > now - self._settle_s:
            self._viewers[before] -= 1
            self._viewers[edge_id] += 1
        self._sent[viewer_key] = (edge_id, first)
        settled = len(self._sent) - len(self._unsettled)
        if settled > _MOST_VIEWERS:
            self._sent.popitem(last=False)

    def viewers(self, edge_id: EdgeId) -> int:
        self._settle()
        return self._viewers[edge_id]

    def _settle(self) -> None:
        since = self._clock.monotonic() - self._settle_s
        while self._unsettled and self._sent[self._unsettled[0]][1] <= since:
            edge_id, _ = self._sent[self._unsettled.popleft()]
            self._viewers[edge_id] -= 1
