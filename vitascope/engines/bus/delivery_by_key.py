"""Order by key, and only by key: each key has a queue, and these do not wait for each other."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from vitascope.kernel.events import Envelope


class DeliveryByKey:
    """Hands events to `deliver`, those of one key one after another.

    `deliver` must not raise: what it returns from was heard, and `moved` is called. Between
    `first_unheard` and the newest event taken lies all that a restart would offer again.
    """

    def __init__(
        self, deliver: Callable[[Envelope], Awaitable[None]], moved: Callable[[], None]
    ) -> None:
        self._deliver = deliver
        self._moved = moved
        self._waiting: dict[str, deque[Envelope]] = {}
        self._unheard: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._unheard)

    @property
    def first_unheard(self) -> int | None:
        return min(self._unheard, default=None)

    def take(self, envelope: Envelope) -> None:
        """Deliver the next event of the log."""
        self._unheard.add(envelope.offset)
        self.take_again(envelope)

    def take_again(self, envelope: Envelope) -> None:
        """Deliver an event from before, which does not count for the place in the log."""
        if (queue := self._waiting.get(envelope.key)) is not None:
            queue.append(envelope)
            return
        self._waiting[envelope.key] = deque([envelope])
        task = asyncio.create_task(self._run(envelope.key), name=f"queue {envelope.key}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Break off what is being delivered; it will be offered again."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, key: str) -> None:
        queue = self._waiting[key]
        while queue:
            await self._deliver(queue[0])
            self._unheard.discard(queue.popleft().offset)
            self._moved()
        del self._waiting[key]
