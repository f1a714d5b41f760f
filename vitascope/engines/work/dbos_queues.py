"""Taking work from queues: one thread that looks into all of them, woken by notices.

DBOS has a thread for each queue, which asks for work at a fixed pace in a transaction that locks:
some 2 ms of processor time a queue and look. Here one statement finds what is first in every queue
that has room, and only what is found is taken, by DBOS's own ways to claim an item and to run it
(`start_queued_workflows`, `execute_dequeued_workflow`; its version is pinned for that). So the
order among queues is ours too: of those that share places, some go before the others, and parties
have equal shares of the time (`engines/shares.py`). The party of an item is what DBOS calls the
partition of its queue.

An idle worker looks when a notice says that there may be work, and otherwise less and less often,
down to once in `idle_s`.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from dbos import DBOS
from dbos._core import execute_dequeued_workflow
from dbos._queue import Queue as DbosQueue

from vitascope.engines.shares import FairShare, LeastShare
from vitascope.engines.work.contract import Queue
from vitascope.engines.work.dbos_database import ITEMS, NOBODY, VERSION, WorkDatabase
from vitascope.kernel.ids import new_id

_log = logging.getLogger("vitascope.work")

Head = tuple[int, int]  # priority of the first item of a queue, and when it was put there
Place = tuple[str, str]  # a queue and a party
Heads = dict[Place, Head]  # what is first in each queue of each party
_WHOLE = 2**42  # more than any time in ms


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
    party: str
    owner: str


class Taking(NamedTuple):
    """How often an item was taken, by any worker, and whose it is."""

    times: int = 1
    party: str = NOBODY


class Places:
    """What this worker may run at once of some queues, and what it does."""

    def __init__(self, queues: Sequence[Queue], now: Callable[[], float]) -> None:
        self.queues = {queue.name: queue for queue in queues}
        self._at_once = min(queue.at_once for queue in queues)
        self._guest = any(queue.guest for queue in queues)
        self._taken = 0
        self._share = LeastShare(now)
        self._parties = FairShare(now)

    @property
    def may_have_room(self) -> bool:
        return self._taken < self._at_once + self._guest

    def next(self, heads: Heads) -> Place | None:
        """Returns the queue and the party to take an item from, of those that `heads` names; None
        where there is no room for it."""
        if self._taken >= self._at_once:
            guests = self._parties.others({party for _, party in heads}) if self._guest else set()
            heads = {place: head for place, head in heads.items() if place[1] in guests}
            if not heads or not self.may_have_room:
                return None
        patients = {place: self.queues[place[0]].patient for place in heads}
        patient = self._share.patient_is_next(
            urgent=False in patients.values(), patient=True in patients.values()
        )
        alike = {place: heads[place] for place in heads if patients[place] is patient}
        most_urgent = min(priority for priority, _ in alike.values())
        equal = {place: at for place, (priority, at) in alike.items() if priority == most_urgent}
        parties = dict.fromkeys(party for _, party in sorted(equal, key=lambda p: equal[p]))
        party = self._parties.next(parties)
        return min((place for place in equal if place[1] == party), key=lambda p: equal[p])

    def take(self, queue: Queue, party: str) -> None:
        self._taken += 1
        self._share.begin(patient=queue.patient)
        self._parties.begin(party)

    def give_back(self, queue: Queue, party: str) -> None:
        self._taken -= 1
        self._share.end(patient=queue.patient)
        self._parties.end(party)


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
        self._takings: dict[str, Taking] = {}  # by item that runs here
        self._dbos: DBOS
        self._theirs: dict[str, DbosQueue] = {}

    def start(self, dbos: DBOS) -> None:
        """Begin to take work. `dbos` is launched, and the queues are registered. Blocks."""
        _end_its_own(dbos)
        self._name_parties()
        self._dbos = dbos
        for places in self._places.values():
            for queue in places.queues.values():
                found = dbos._sys_db.get_queue(queue.name)
                assert found is not None, queue.name
                self._theirs[queue.name] = found
        self._thread.start()

    def _name_parties(self) -> None:
        """Note whose the work of an earlier version is, which noted no party: nobody's."""
        item = ITEMS.c
        unnamed = item.queue_partition_key.is_(None) & item.queue_name.is_not(None)
        told = sa.update(ITEMS).where(unnamed, item.status != "SUCCESS")
        with self._database.engine().begin() as connection:
            connection.execute(told.values(queue_partition_key=NOBODY))

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

    def taking_of(self, item: str) -> Taking:
        """Returns what is known of an item that runs here."""
        with self._lock:
            return self._takings.get(item, Taking())

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
            open_ = [places for places in self._places.values() if places.may_have_room]
        heads = self._heads([name for places in open_ for name in places.queues])
        for places in open_:
            mine = {place: head for place, head in heads.items() if place[0] in places.queues}
            self._fill(places, mine)

    def _fill(self, places: Places, heads: Heads) -> None:
        """Take items while there is room. `heads` are the first ones that there are."""
        while heads and not self._stop.is_set():
            with self._lock:
                place = places.next(heads)
            if place is None:
                return
            name, party = place
            taken = self._take(places, places.queues[name], party)
            heads = {there: head for there, head in heads.items() if there != place}
            if taken:
                found = self._heads([name])  # what is first there now
                heads |= {there: head for there, head in found.items() if there[1] == party}

    def _heads(self, names: Sequence[str]) -> Heads:
        """Returns the place of the first item of each queue and party that have one. What it costs
        goes by the parties that wait, not by the items."""
        if not names:
            return {}
        with self._database.engine().connect() as connection:
            found = connection.execute(_firsts(names)).all()
        return {(name, party): divmod(int(at), _WHOLE) for name, party, at in found}

    def _take(self, places: Places, queue: Queue, party: str) -> int:
        """Take an item of a queue and a party, and run it. Returns how many were taken."""
        theirs, database = self._theirs[queue.name], self._dbos._sys_db
        claim = Dequeued(queue, party, new_id("own"))
        assert theirs._worker_concurrency is not None
        taken, _ = database.start_queued_workflows(
            theirs,
            self._worker,
            VERSION,
            party,
            theirs._worker_concurrency - 1,
            owner_xid=claim.owner,
            is_latest_version=False,
        )
        with self._lock:
            for item in taken:
                self._claims.setdefault(item, []).append(claim)
                places.take(queue, party)
        for item in taken:
            self._begin(item, claim)
        return len(taken)

    def _begin(self, item: str, claim: Dequeued) -> None:
        """Run an item, unless it was cancelled since it was taken."""
        try:
            status = self._dbos._sys_db.get_workflow_status(item)
            if status is not None and status["status"] == "PENDING":
                with self._lock:
                    self._takings[item] = Taking(
                        status["recovery_attempts"] or 1, status["queue_partition_key"] or NOBODY
                    )
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
            self._takings.pop(item, None)
        places = self._places[claim.queue.places or claim.queue.name]
        places.give_back(claim.queue, claim.party)


def _end_its_own(dbos: DBOS) -> None:
    """End the threads in which DBOS looks for what we do not use, each once a second or more:
    its own loops over queues, schedules, delayed work and deadlines."""
    for stop in (*dbos.background_thread_stop_events, dbos._background_jobs_stop_event):
        stop.set()


def _firsts(names: Sequence[str]) -> sa.Select[Any]:
    """Asks for queue, party and place of what is first there. From one party the next is found in
    an index of DBOS, and so is the first item of each."""
    item = ITEMS.c
    queues = sa.union_all(*(sa.select(sa.literal(name).label("name")) for name in names)).cte()

    def next_party(queue: sa.ColumnElement[str], *after: sa.ColumnElement[bool]) -> Any:
        party = sa.select(sa.func.min(item.queue_partition_key))
        return party.where(*_waiting(queue), *after).scalar_subquery()

    first_party = next_party(queues.c.name).label("party")
    parties = sa.select(queues.c.name, first_party).cte(recursive=True)
    is_later = item.queue_partition_key > parties.c.party
    parties = parties.union_all(
        sa.select(parties.c.name, next_party(parties.c.name, is_later)).where(
            parties.c.party.is_not(None)
        )
    )
    of_party = sa.select(sa.cast(item.priority, sa.BigInteger) * _WHOLE + item.created_at).where(
        *_waiting(parties.c.name), item.queue_partition_key == parties.c.party
    )
    first = of_party.order_by(item.priority, item.created_at).limit(1).scalar_subquery()
    found = sa.select(parties.c.name, parties.c.party, first.label("place")).subquery()
    return sa.select(found).where(found.c.place.is_not(None))  # another may have taken the last


def _waiting(queue: sa.ColumnElement[str]) -> tuple[sa.ColumnElement[bool], ...]:
    """As the partial indexes of DBOS say it, so that they are used."""
    item = ITEMS.c
    return (
        item.status.in_([sa.literal_column("'ENQUEUED'"), sa.literal_column("'PENDING'")]),
        item.status == sa.literal_column("'ENQUEUED'"),
        item.queue_partition_key.is_not(None),
        item.queue_name == queue,
    )
