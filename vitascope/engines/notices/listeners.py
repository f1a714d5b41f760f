"""Who listens to which topic, in one process."""

import threading
from collections.abc import Callable


class Listeners:
    """Safe to use from any thread. Every listener is woken once when notices reach it for the first
    time: what was told before that is lost."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wakes: dict[str, list[Callable[[], None]]] = {}
        self._reached = False

    def add(self, topic: str, wake: Callable[[], None]) -> None:
        with self._lock:
            self._wakes.setdefault(topic, []).append(wake)
            if self._reached:
                wake()

    def reached(self) -> None:
        """Wake everybody: notices arrive from now on, for the first time or again."""
        with self._lock:
            self._reached = True
            for wakes in self._wakes.values():
                for wake in wakes:
                    wake()

    def lost(self) -> None:
        """Note that notices do not arrive."""
        with self._lock:
            self._reached = False

    def wake(self, topic: str) -> None:
        with self._lock:
            wakes = list(self._wakes.get(topic, ()))
        for wake in wakes:
            wake()
