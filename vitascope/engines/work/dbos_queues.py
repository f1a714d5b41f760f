"""Taking work from queues: one thread that looks into all of them, woken by notices.

DBOS has a thread for each queue, which asks for work at a fixed pace in a transaction that locks:
some 2 ms of processor time a queue and look. Here one statement finds what is first in every queue
that has room, and only what is found is taken, by DBOS's own ways to claim an item and to run it
(`start_queued_workflows`, `execute_dequeued_workflow`; its version is pinned for that). So the
order among queues is ours too: of those that share places, some go before the others
(`engines/shares.py`).

An idle worker looks when a notice says that there may be work, and otherwise less and less often,
down to once in `idle_s`.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from dbos import DBOS
from dbos._core import execute_dequeued_workflow
from dbos._queue import Queue as DbosQueue

from vitascope.engines.shares import LeastShare
from vitascope.engines.work.contract import Queue
from vitascope.engines.work.dbos_database import ITEMS, VERSION, WorkDatabase
from vitascope.kernel.ids import new_id

_log = logging.getLogger("vitascope.work")

Head = tuple[int, int]  # priority of the first item of a queue, and when it was put there


class WakeableStop(threading.Event):
    """A stop event, with pauses that end early when it is woken.

    While this worker is `busy` a pause takes `poll_s`: others may put something in a queue, and
    their notice may be lost. Otherwise each pause is twice the one before, up to `idle_s`.
    """

    def __init__(self, *, busy: Callable[[], bool], poll_s: float, idle_s: float) -> None:
        super().__init__()
        self._busy = busy
        self._poll_s = poll_s
        self._idle_s = idle_s
        self._pause_s = poll_s
        self._woken = threading.Event()

    def wake(self) -> None:
        """Look at once: there may be work, or room for more."""
        self._woken.set()

    def set(self) -> None:
        super().set()
        self._woken.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the next look. Returns True when the loop must end. `timeout` is not used."""
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


class Dequeued(NamedTuple):
    """An item that this worker has taken. `owner` is what DBOS knows this taking by."""

    queue: Queue
    owner: str


class Places:
    """What this worker may run at once of some queues, and what it does."""

    def __init__(self, queues: Sequence[Queue], now: Callable[[], float]) -> None:
        self.queues = tuple(queues)
        self._at_once = min(queue.at_once for queue in queues)
        self._taken = 0
        self._share = LeastShare(now)

    @property
    def room(self) -> int:
        return self._at_once - self._taken

    def next(self, heads: dict[str, Head]) -> Queue:
        """Returns the queue to take an item from, of those that `heads` names."""
        there = [queue for queue in self.queues if queue.name in heads]
        kinds = {queue.patient for queue in there}
        patient = self._share.patient_is_next(urgent=False in kinds, patient=True in kinds)
        return min(
            (queue for queue in there if queue.patient is patient), key=lambda q: heads[q.name]
        )

    def take(self, queue: Queue) -> None:
        self._taken += 1
        self._share.begin(patient=queue.patient)

    def give_back(self, queue: Queue) -> None:
        self._taken -= 1
        self._share.end(patient=queue.patient)


class QueueLoop:
    """Looks into the queues of one worker, in a thread of its own."""

    def __init__(
        self,
        database: WorkDatabase,
        worker: str,
        queues: Sequence[Queue],
        *,
        busy: Callable[[], bool],
        poll_s: float,
        idle_s: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._worker = worker
        self._stop = WakeableStop(busy=busy, poll_s=poll_s, idle_s=idle_s)
        self._thread = threading.Thread(target=self._run, name="work-queues", daemon=True)
        self._lock = threading.Lock()  # over places and claims
        shared: dict[str, list[Queue]] = {}
        for queue in queues:
            shared.setdefault(queue.places or queue.name, []).append(queue)
        self._places = {name: Places(some, now) for name, some in shared.items()}
        self._claims: dict[str, list[Dequeued]] = {}
        self._dbos: DBOS
        self._theirs: dict[str, DbosQueue] = {}

    def start(self, dbos: DBOS) -> None:
        """Begin to take work. `dbos` is launched, and the queues are registered. Blocks."""
        _end_its_own(dbos)
        self._dbos = dbos
        for places in self._places.values():
            for queue in places.queues:
                found = dbos._sys_db.get_queue(queue.name)
                assert found is not None, queue.name
                self._theirs[queue.name] = found
        self._thread.start()

    def wake(self) -> None:
        """Look into every queue: there may be work in any. From any thread."""
        self._stop.wake()

    def stop(self) -> None:
        """Take nothing more. Blocks until the last look has ended."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def claim_of(self, item: str) -> Dequeued:
        """Returns by what claim an item began to run just now."""
        with self._lock:
            return self._claims[item][-1]

    def ended(self, item: str, claim: Dequeued) -> None:
        """Note that an item runs here no more, which makes room for another."""
        with self._lock:
            self._drop(item, claim)
        self.wake()

    def _run(self) -> None:
        while not self._stop.wait():
            try:
                self._look()
            except Exception:  # noqa: BLE001 - a database that is away comes back; we must go on
                if not self._stop.is_set():
                    _log.exception("no work could be taken; trying again")

    def _look(self) -> None:
        with self._lock:
            open_ = [places for places in self._places.values() if places.room > 0]
        heads = self._heads([queue for places in open_ for queue in places.queues])
        for places in open_:
            self._fill(places, {q.name: heads[q.name] for q in places.queues if q.name in heads})

    def _fill(self, places: Places, heads: dict[str, Head]) -> None:
        """Take items while there is room. `heads` are the first ones of queues that have some."""
        while heads and not self._stop.is_set():
            with self._lock:
                room, queue = places.room, places.next(heads)
            if room <= 0:
                return
            alone = len(heads) == 1
            taken = self._take(places, queue, room if alone else 1)
            heads.pop(queue.name)
            if taken and not alone:
                heads |= self._heads([queue])  # what is first there now

    def _heads(self, queues: Sequence[Queue]) -> dict[str, Head]:
        """Returns the place of the first item of each queue that has one."""
        if not queues:
            return {}
        item = ITEMS.c
        waiting = sa.and_(  # as the partial index of DBOS says it, so that it is used
            item.status.in_([sa.literal_column("'ENQUEUED'"), sa.literal_column("'PENDING'")]),
            item.status == sa.literal_column("'ENQUEUED'"),
        )
        firsts = [
            sa.select(item.queue_name, item.priority, item.created_at)
            .where(item.queue_name == queue.name, waiting)
            .order_by(item.priority, item.created_at)
            .limit(1)
            .subquery()
            for queue in queues
        ]
        with self._database.engine().connect() as connection:
            found = connection.execute(sa.union_all(*(first.select() for first in firsts)))
            return {name: (priority, created_at) for name, priority, created_at in found}

    def _take(self, places: Places, queue: Queue, most: int) -> int:
        """Take up to `most` items of a queue, and run them. Returns how many were taken."""
        theirs, database, claim = self._theirs[queue.name], self._dbos._sys_db, _claim(queue)
        assert theirs._worker_concurrency is not None
        taken, _ = database.start_queued_workflows(
            theirs,
            self._worker,
            VERSION,
            None,
            theirs._worker_concurrency - most,
            owner_xid=claim.owner,
            is_latest_version=False,
        )
        with self._lock:
            for item in taken:
                self._claims.setdefault(item, []).append(claim)
                places.take(queue)
        for item in taken:
            self._begin(item, claim)
        return len(taken)

    def _begin(self, item: str, claim: Dequeued) -> None:
        """Run an item, unless it was cancelled since it was taken."""
        try:
            status = self._dbos._sys_db.get_workflow_status(item)
            if status is not None and status["status"] == "PENDING":
                execute_dequeued_workflow(self._dbos, status, claim.owner)
                return
        except Exception:  # noqa: BLE001 - DBOS has noted it, or finds it again as another's
            _log.exception("the work %s could not be begun", item)
        with self._lock:
            self._drop(item, claim)

    def _drop(self, item: str, claim: Dequeued) -> None:
        claims = self._claims[item]
        claims.remove(claim)
        if not claims:
            del self._claims[item]
        self._places[claim.queue.places or claim.queue.name].give_back(claim.queue)


def _claim(queue: Queue) -> Dequeued:
    return Dequeued(queue, new_id("own"))


def _end_its_own(dbos: DBOS) -> None:
    """End the threads in which DBOS looks for what we do not use, each once a second or more:
    its own loops over queues, schedules, delayed work and deadlines."""
    for stop in (*dbos.background_thread_stop_events, dbos._background_jobs_stop_event):
        stop.set()
