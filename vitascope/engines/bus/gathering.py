"""A handler for what has gathered: while one batch is handled the events for the next come in.

To the bus it is a handler as any other, called for each event, so the order by key, the attempts
and the dead letters are the same. It only answers all events of a batch at once.
"""

import asyncio
from contextlib import suppress

from vitascope.engines.bus.contract import BatchHandler
from vitascope.kernel.events import Envelope, Event

_Waiting = tuple[Event, Envelope, "asyncio.Future[None]"]


class GatheringHandler:
    """Implements `Handler` by a handler of batches."""

    def __init__(self, handler: BatchHandler) -> None:
        self._handler = handler
        self._waiting: list[_Waiting] = []
        self._handing_over: asyncio.Task[None] | None = None

    async def __call__(self, event: Event, envelope: Envelope) -> None:
        heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((event, envelope, heard))
        if self._handing_over is None or self._handing_over.done():
            self._handing_over = asyncio.create_task(self._hand_over(), name="bus batches")
        await heard

    async def stop(self) -> None:
        """Break off the batch that is being handled; it will be offered again."""
        self._waiting.clear()
        if self._handing_over is not None:
            self._handing_over.cancel()
            with suppress(asyncio.CancelledError):
                await self._handing_over

    async def _hand_over(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            await self._hand(batch)

    async def _hand(self, batch: list[_Waiting]) -> None:
        """Of a batch that fails each half is offered alone, down to the event that is at fault."""
        try:
            await self._handler([(event, envelope) for event, envelope, _ in batch])
        except Exception as error:  # noqa: BLE001 - of any kind: who delivers tells of it
            if len(batch) == 1:
                _answer(batch, error)
                return
            await self._hand(batch[: len(batch) // 2])
            await self._hand(batch[len(batch) // 2 :])
        else:
            _answer(batch)


def _answer(batch: list[_Waiting], error: Exception | None = None) -> None:
    for _, _, heard in batch:
        if heard.done():  # whoever delivers was told to stop
            continue
        if error is None:
            heard.set_result(None)
        else:
            heard.set_exception(error)
