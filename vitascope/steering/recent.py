"""Who was sent where a moment ago: what edges will carry, and cannot report yet.

Counted as viewers come and as they show in reports, never anew: each ranking needs the counts.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterable

from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import EdgeId

_MOST_VIEWERS = 200_000  # remembered after they count no more


class RecentlySent:
    """A viewer counts once, for `settle_s` from when it was first sent; asking again moves it, no
    more."""

    def __init__(self, clock: Clock, settle_s: float) -> None:
        self._clock = clock
        self._settle_s = settle_s
        self._sent: OrderedDict[str, tuple[EdgeId, float]] = OrderedDict()  # and when, at first
        self._counting: deque[str] = deque()  # those that count, the first sent first
        self._viewers: Counter[EdgeId] = Counter()

    def viewers(self, edge_id: EdgeId) -> int:
        """Returns how many count for this edge, as of the last `settle`."""
        return self._viewers[edge_id]

    def send(self, viewer_key: str, edge_id: EdgeId) -> Iterable[EdgeId]:
        """Returns the edges whose count changed."""
        now = self._clock.monotonic()
        before, first = self._sent.get(viewer_key, (None, now))
        self._sent[viewer_key] = (edge_id, first)
        if before is None:
            self._counting.append(viewer_key)
        elif before == edge_id or first <= now - self._settle_s:
            return ()
        else:
            self._count(before, -1)
        self._count(edge_id, 1)
        if len(self._sent) - len(self._counting) > _MOST_VIEWERS:
            self._sent.popitem(last=False)
        return (edge_id,) if before is None else (before, edge_id)

    def settle(self) -> set[EdgeId]:
        """Stop counting those whose time is over. Returns the edges whose count changed."""
        since = self._clock.monotonic() - self._settle_s
        changed: set[EdgeId] = set()
        while self._counting and self._sent[self._counting[0]][1] <= since:
            edge_id, _ = self._sent[self._counting.popleft()]
            self._count(edge_id, -1)
            changed.add(edge_id)
        return changed

    def _count(self, edge_id: EdgeId, change: int) -> None:
        self._viewers[edge_id] += change
        if not self._viewers[edge_id]:
            del self._viewers[edge_id]
