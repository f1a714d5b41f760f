"""One sender at a time: who adds to an upload now, and how another takes over from one that is
silent."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

from vitascope.ingest.contract import Upload, UploadBusy
from vitascope.ingest.hashing import RunningHash
from vitascope.ingest.receive import Receiving
from vitascope.ingest.staging import Staging, Writer
from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import UploadId


class Senders:
    """`takeover_s` is how long a sender may be silent before another one stops it."""

    def __init__(self, staging: Staging, clock: Clock, takeover_s: float) -> None:
        self._staging = staging
        self._clock = clock
        self._takeover_s = takeover_s
        self._adding: dict[UploadId, tuple[asyncio.Task[None], Receiving]] = {}

    def __contains__(self, upload_id: UploadId) -> bool:
        return upload_id in self._adding

    async def claim(self, upload: Upload, running: RunningHash) -> Writer:
        """Returns what adds to an upload. Raises `UploadBusy`."""
        writer = None
        if upload.id not in self:
            writer = await self._staging.open(upload, running)
        if writer is None:
            raise UploadBusy(
                "Another request is sending to this upload. Wait for it, or try again in "
                f"{self._takeover_s:g} seconds if it broke.",
                retry_after_s=self._takeover_s,
            )
        return writer

    async def take_over_from_the_silent(self, upload_id: UploadId) -> None:
        """Stop who sends to an upload, if nothing was heard of them for long."""
        sender = self._adding.get(upload_id)
        if sender is None:
            return
        silent_s = self._clock.monotonic() - sender[1].heard_at
        if silent_s >= self._takeover_s:
            await self.stop(upload_id)

    async def stop(self, upload_id: UploadId) -> None:
        """Stop who sends to an upload. Harmless when nobody does."""
        if sender := self._adding.get(upload_id):
            task, _ = sender
            task.cancel()
            await asyncio.wait({task}, timeout=10)

    async def send(
        self,
        upload_id: UploadId,
        receiving: Receiving,
        taking: Coroutine[None, None, None],
        *,
        failed: Callable[[], Awaitable[None]],
    ) -> None:
        """Let `taking`, which is `receiving` at work, add to an upload. `failed` runs after an
        error, before anybody else may send. Raises `UploadBusy` where another took over."""
        task = asyncio.create_task(taking)
        self._adding[upload_id] = (task, receiving)
        try:
            await task
        except asyncio.CancelledError:
            if task.done() and not _being_cancelled():
                raise UploadBusy("Another request took over this upload.") from None
            await asyncio.wait({task})
            raise
        except Exception:
            await failed()
            raise
        finally:
            self._adding.pop(upload_id, None)


def _being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
