"""Notices within one process, which arrive at once, and notices that are all lost."""

from collections import defaultdict
from collections.abc import Callable


class HeardNotices:
    """Implements `Notices`."""

    def __init__(self) -> None:
        self._wakes: defaultdict[str, list[Callable[[], None]]] = defaultdict(list)

    def listen(self, topic: str, wake: Callable[[], None]) -> None:
        self._wakes[topic].append(wake)

    def tell(self, topic: str) -> None:
        for wake in self._wakes[topic]:
            wake()

    async def close(self) -> None: ...


class LostNotices(HeardNotices):
    """Nobody hears of anything."""

    def tell(self, topic: str) -> None: ...
