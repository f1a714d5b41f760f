"""What an edge sends and to how many, over the last seconds."""

from collections import OrderedDict, deque
from collections.abc import Callable

from vitascope.kernel.clock import Clock

_LOAD_S = 6.0
_STREAM_S = 20.0  # a player with a full buffer asks again within this


class Load:
    """Counted from answers; asked for by reports. For one event loop."""

    def __init__(self, clock: Clock, begins: Callable[[], None] = lambda: None) -> None:
        """`begins` is called when the edge serves somebody after it served nobody."""
        self._clock = clock
        self._begins = begins
        self._sent: deque[tuple[float, int]] = deque()
        self._window_bytes = 0
        self._seen: OrderedDict[tuple[str, str], float] = OrderedDict()
        self.hits = 0
        self.misses = 0

    def saw(self, address: str, prefix: str) -> None:
        """Note that a viewer at `address` asked for something of `prefix`."""
        was_idle = not self._seen
        self._seen[address, prefix] = self._clock.monotonic()
        self._seen.move_to_end((address, prefix))
        if was_idle:
            self._begins()

    def sent(self, size: int) -> None:
        was_idle = not self._sent
        self._sent.append((self._clock.monotonic(), size))
        self._window_bytes += size
        if was_idle:
            self._begins()

    @property
    def mbps(self) -> float:
        since = self._clock.monotonic() - _LOAD_S
        while self._sent and self._sent[0][0] < since:
            self._window_bytes -= self._sent.popleft()[1]
        return self._window_bytes * 8 / _LOAD_S / 1e6

    @property
    def streams(self) -> int:
        since = self._clock.monotonic() - _STREAM_S
        while self._seen and next(iter(self._seen.values())) < since:
            self._seen.popitem(last=False)
        return len(self._seen)
