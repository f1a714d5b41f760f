"""Find dead workers, and put their work back in its queue.

Every worker counts its row in `work_heartbeats` up, from a thread of its own so that a busy event
loop does not look dead. A worker whose count has stood still for `dead_after_s` is dead; it is the
watcher's own looks that are counted, not clocks, so neither skew nor a watcher that slept matters.
While nobody runs anything there is nothing to take over, and all beat and look four times less
often.
Among the living, the one with the smallest name looks after the dead: their running items go back
to the queue they came from. Two such leaders at once do no harm, because the hand-over asks in one
statement that the item still belongs to the dead worker.

The hand-over is DBOS's own way to recover (`reenqueue_for_recovery`), which it offers to its cloud
only; its public `resume` would also revive what was cancelled in between. Version pinned for that.
"""

import logging
import threading
from collections.abc import Callable

import sqlalchemy as sa

from vitascope.engines.notices import Notices
from vitascope.engines.work.dbos_database import BEATS, ITEMS, TOPIC, WorkDatabase

_log = logging.getLogger("vitascope.work")

_IDLE_BEATS = 4  # beats that an idle worker leaves out for one; fewer than make it look dead


class WorkRecovery:
    """Writes heartbeats for `worker`, and requeues dead workers' items while it leads."""

    def __init__(
        self,
        database: WorkDatabase,
        worker: str,
        *,
        beat_s: float,
        dead_after_s: float,
        busy: Callable[[], bool],
        notices: Notices,
    ) -> None:
        """`busy` says whether `worker` runs something now."""
        self._database = database
        self._worker = worker
        self._beat_s = beat_s
        self._busy = busy
        self._notices = notices
        self._others_busy = False
        self._patience = max(_IDLE_BEATS + 1, round(dead_after_s / beat_s))
        self._seen: dict[str, tuple[int, int]] = {}  # worker -> (its count, looks without change)
        self._stopping = threading.Event()
        self._stirred = threading.Event()
        self._thread = threading.Thread(target=self._run, name="work-heartbeat", daemon=True)

    def start(self) -> None:
        """Begin to beat; the first beat is in the database when this returns. Blocks; call it in a
        thread."""
        with self._database.engine().begin() as connection:
            self._beat(connection)
        self._thread.start()

    def stir(self) -> None:
        """Beat at once: an idle worker has begun to run something. From any thread."""
        self._stirred.set()

    def stop(self) -> None:
        """Say goodbye: whatever is still ours goes back to its queue at once. Blocks."""
        self._stopping.set()
        self.stir()
        self._thread.join()
        self._hand_over({self._worker})
        with self._database.engine().begin() as connection:
            connection.execute(sa.delete(BEATS).where(BEATS.c.worker == self._worker))

    def _run(self) -> None:
        while True:
            self._stirred.wait(self.pause_s())
            self._stirred.clear()
            if self._stopping.is_set():
                return
            try:
                self._beat_and_look()
            except Exception:  # noqa: BLE001 - a database that is away comes back; we must go on
                _log.exception("heartbeat failed; trying again")

    def pause_s(self) -> float:
        """Returns the seconds until the next beat. Idle workers beat often enough for a watcher
        that looks often."""
        at_work = self._busy() or self._others_busy
        return self._beat_s * (1 if at_work else _IDLE_BEATS)

    def _beat_and_look(self) -> None:
        """In one transaction: at rest these are nearly all that a worker does."""
        with self._database.engine().begin() as connection:
            self._beat(connection)
            counts = {row.worker: row.beats for row in connection.execute(sa.select(BEATS))}
            running = self._running(connection)
        self._look(counts, running)

    def _beat(self, connection: sa.Connection) -> None:
        mine = BEATS.c.worker == self._worker
        counted = connection.execute(sa.update(BEATS).where(mine).values(beats=BEATS.c.beats + 1))
        if counted.rowcount == 0:
            connection.execute(sa.insert(BEATS).values(worker=self._worker, beats=1))

    def _look(self, counts: dict[str, int], running: dict[str, list[str]]) -> None:
        self._others_busy = bool(running.keys() - {self._worker})
        for worker in counts.keys() | running.keys():
            count = counts.get(worker, 0)
            before, still = self._seen.get(worker, (-1, 0))
            self._seen[worker] = (count, still + 1 if count == before else 0)
        self._seen = {w: s for w, s in self._seen.items() if w in counts or w in running}
        dead = {w for w, (_, still) in self._seen.items() if still >= self._patience}
        living = counts.keys() - dead
        if dead and self._worker == min(living, default=self._worker):
            self._hand_over(dead)
            self._forget(dead)

    def _running(self, connection: sa.Connection) -> dict[str, list[str]]:
        """Running items by worker."""
        pending = sa.select(ITEMS.c.executor_id, ITEMS.c.workflow_uuid).where(
            ITEMS.c.status == "PENDING"
        )
        found: dict[str, list[str]] = {}
        for row in connection.execute(pending):
            found.setdefault(row.executor_id or "", []).append(row.workflow_uuid)
        return found

    def _hand_over(self, dead: set[str]) -> None:
        database = self._database.client()._sys_db
        with self._database.engine().connect() as connection:
            running = self._running(connection)
        for worker, items in running.items():
            for item in items if worker in dead else ():
                if database.reenqueue_for_recovery(item, [worker], "lost"):
                    _log.warning("took over %s from %s, which is gone", item, worker)
                    self._notices.tell(TOPIC)

    def _forget(self, dead: set[str]) -> None:
        """Rows of the long dead; a worker that was only asleep writes its row anew."""
        gone = [w for w in dead if self._seen[w][1] >= self._patience * 10]
        if gone:
            with self._database.engine().begin() as connection:
                connection.execute(sa.delete(BEATS).where(BEATS.c.worker.in_(gone)))
