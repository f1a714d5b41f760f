"""Taking work from queues: DBOS's own loop for each queue, woken by notices.

DBOS asks each of its queues for work at a fixed pace, which costs an idle worker some 2 ms of
processor time for each look. Its loop (`queue_worker_thread`) waits on the event that stops it;
here it is given an event that can also be woken. So an idle worker looks when a notice says that
there may be work, and otherwise less and less often, down to once in `idle_s`.
"""

import threading
from collections.abc import Callable, Sequence

from dbos import DBOS
from dbos._queue import queue_worker_thread


class WakeableStop(threading.Event):
    """The stop event of one of DBOS's queue loops, whose pauses end early when it is woken.

    While this worker is `busy` a pause takes `poll_s`: work that ends makes room for more, and no
    notice tells that. Otherwise each pause is twice the one before, up to `idle_s`.
    """

    def __init__(self, *, busy: Callable[[], bool], poll_s: float, idle_s: float) -> None:
        super().__init__()
        self._busy = busy
        self._poll_s = poll_s
        self._idle_s = idle_s
        self._pause_s = poll_s
        self._woken = threading.Event()

    def wake(self) -> None:
        """Look at once: there may be work."""
        self._woken.set()

    def set(self) -> None:
        super().set()
        self._woken.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the next look. Returns True when the loop must end. DBOS's own `timeout` is
        not used: it is read from the queue's row, and cannot tell a busy worker from an idle one.
        """
        del timeout
        if self.is_set():
            return True
        if self._woken.wait(self.next_pause_s()):
            self._woken.clear()
            self._pause_s = self._poll_s
        return self.is_set()

    def next_pause_s(self) -> float:
        pause_s = self._poll_s if self._busy() else self._pause_s
        self._pause_s = min(pause_s * 2, self._idle_s)
        return pause_s


class QueueLoops:
    """DBOS's loops for the queues of one worker, in threads of ours."""

    def __init__(self, *, busy: Callable[[], bool], poll_s: float, idle_s: float) -> None:
        self._patience = {"poll_s": poll_s, "idle_s": idle_s}
        self._busy = busy
        self._stops: list[WakeableStop] = []
        self._threads: list[threading.Thread] = []

    def start(self, dbos: DBOS, queues: Sequence[str]) -> None:
        """Start a thread for each queue. `dbos` is launched, and the queues are registered."""
        _end_its_own(dbos)
        for name in queues:
            stop = WakeableStop(busy=self._busy, **self._patience)
            queue = dbos._sys_db.get_queue(name)
            assert queue is not None, name
            thread = threading.Thread(
                target=queue_worker_thread, args=(stop, dbos, queue), name=f"queue {name}"
            )
            thread.daemon = True
            thread.start()
            self._stops.append(stop)
            self._threads.append(thread)

    def wake(self) -> None:
        """Look into every queue: there may be work in any. From any thread."""
        for stop in self._stops:
            stop.wake()

    def stop(self) -> None:
        """Take nothing more. Blocks until the last look has ended."""
        for stop in self._stops:
            stop.set()
        for thread in self._threads:
            thread.join()


def _end_its_own(dbos: DBOS) -> None:
    """End the threads in which DBOS looks for what we do not use, each once a second or more:
    its own loops over queues, schedules, delayed work and deadlines."""
    for stop in (*dbos.background_thread_stop_events, dbos._background_jobs_stop_event):
        stop.set()
