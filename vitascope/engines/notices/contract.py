"""Hints between the processes of one service that something has changed.

Who waits for a change in a database listens for a notice instead of asking again and again. A
notice carries nothing but its topic, and it may be lost: a listener looks for itself when it is
woken, and also now and then without.
"""

from collections.abc import Callable
from typing import Protocol


class Notices(Protocol):
    """Safe to use from any thread."""

    def listen(self, topic: str, wake: Callable[[], None]) -> None:
        """Call `wake` after each notice on `topic`, of this process or another, once at the
        beginning, and whenever notices may have been lost. It is called from any thread, must not
        block, and must not raise."""
        ...

    def tell(self, topic: str) -> None:
        """Wake whoever listens to `topic`. Call it after the commit that made the change, and in a
        thread. It does not fail."""
        ...

    async def close(self) -> None: ...
