"""Killing processes at random moments, and exactly as often as planned.

A moment is the n-th time that a step begins anywhere, and a random while after it, at most until
the next step began in the undisturbed run. Workers tell of every beginning and wait for the nod
(`reporting.py`), so no moment can be missed on a slow or a fast machine:

* who is about to be killed gets no nod where another moment waits: the step has not begun, and the
  moment comes when somebody else begins it;
* where the API is to be killed, the nod comes when it serves, so that it dies while it is needed.

Keeping a chunk is such a moment too: the worker dies when the chunk is finished and its step not
yet recorded, which is when another one could encode it again.

All kills are SIGKILL. The other workers are told of a death at once (`deaths.py`): nobody waits for
a silence, and no living worker is taken for dead on a machine that is busy.
"""

import itertools
import os
import random
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec

from tests.forked import Forked

Start = Callable[[socket.socket], Forked]  # given the socket to be told through
Bury = Callable[[int], None]  # tells the living that the worker with this process id is dead

KEEP = "keep"
PATIENCE_S = 480.0


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """When to kill whom: `worker` is the one that begins the step."""

    step: str
    nth: int
    wait_s: float
    victim: str = "worker"


class Begun(msgspec.Struct, frozen=True):
    step: str
    at_s: float


class Encode(msgspec.Struct, frozen=True):
    """ffmpeg once: a chunk, in all rungs that are missing, which have a key each."""

    keys: frozenset[str]
    pid: int
    finished: bool  # one of these was there already


class Killed(msgspec.Struct, frozen=True):
    victim: str
    step: str
    pid: int
    status: int


def moments(
    baseline: Sequence[Begun], surely: Sequence[str], count: int, *, victim: str = "worker"
) -> list[Moment]:
    """`count` moments of the undisturbed run: one in a step of each name in `surely`, the others
    anywhere. Ends are not told of, so the last step's while is a guess: as long as the one before.
    """
    counts = Counter[str]()
    gaps = [after.at_s - one.at_s for one, after in itertools.pairwise(baseline)]
    every = []
    for one, gap_s in zip(baseline, [*gaps, gaps[-1]], strict=True):
        counts[one.step] += 1
        while_s = random.uniform(0, gap_s)
        every.append(Moment(step=one.step, nth=counts[one.step], wait_s=while_s, victim=victim))
    chosen = [random.choice([m for m in every if m.step == name]) for name in surely]
    rest = [moment for moment in every if moment not in chosen]
    return chosen + random.sample(rest, count - len(chosen))


class RandomKills:
    """What was told, and who is to be killed next. Workers are heard in a thread each."""

    def __init__(
        self, plan: Sequence[Moment] = (), doom_api: Callable[[str, float], None] | None = None
    ) -> None:
        self.due = list(plan)
        self.begun: list[Begun] = []
        self.encodes: list[Encode] = []
        self.killed: list[Killed] = []
        self._counts = Counter[str]()
        self._doom_api = doom_api
        self._lock = threading.Lock()

    def hear(self, line: str, worker: "Worker") -> bytes:
        """The nod that the worker gets; none when it is empty."""
        kind, _, what = line.partition(" ")
        if kind in ("encode", "again"):
            self.encodes.append(
                Encode(frozenset(what.split()), worker.process.pid, kind == "again")
            )
            return b""
        if kind == "kept":
            worker.die()
            return b""
        return self._nod(KEEP if kind == KEEP else what, worker)

    def _nod(self, name: str, worker: "Worker") -> bytes:
        with self._lock:
            mine = self._due(name, self._counts[name] + 1)
            if worker.doom is not None and mine:
                return b""
            self._counts[name] += 1
            self.begun.append(Begun(name, time.monotonic()))
            self.due = [moment for moment in self.due if moment not in mine]
        for moment in mine:
            self._doom(moment, worker)
        to_die = any(moment.victim == "worker" for moment in mine)
        return b"!" if name == KEEP and to_die else b"."

    def _due(self, name: str, nth: int) -> list[Moment]:
        """At most one for each victim, which dies only once; the API first, which may have to come
        back before."""
        found = [moment for moment in self.due if moment.step == name and moment.nth <= nth]
        by_victim = {moment.victim: moment for moment in reversed(found)}
        return [by_victim[victim] for victim in sorted(by_victim)]

    def _doom(self, moment: Moment, worker: "Worker") -> None:
        if moment.victim == "api":
            assert self._doom_api is not None
            self._doom_api(moment.step, moment.wait_s)
            return
        worker.doom = moment
        if moment.step != KEEP:
            worker.die()

    def kills(self) -> Counter[str]:
        """How many of each kind really died of it."""
        return Counter(one.victim for one in self.killed if one.status == -signal.SIGKILL)


class Worker:
    """One life of a worker process. `doom` is what it will die of."""

    def __init__(self, start: Start, kills: RandomKills, died: Callable[["Worker"], None]) -> None:
        self.doom: Moment | None = None
        self._kills = kills
        self._died = died
        self._line, theirs = socket.socketpair()
        with theirs:
            self.process = start(theirs)
        self._hearing = threading.Thread(target=self._hear, daemon=True)
        self._hearing.start()

    def _hear(self) -> None:
        # it may die with a nod that it did not read
        with suppress(ConnectionResetError), self._line.makefile() as lines:
            for line in lines:
                nod = self._kills.hear(line.rstrip("\n"), self)
                with suppress(OSError):  # it is dead already
                    self._line.send(nod)

    def die(self) -> None:
        """In a while, of what it is doomed to die of."""
        assert self.doom is not None
        later(self.doom.wait_s, self._die)

    def _die(self) -> None:
        assert self.doom is not None
        pid, status = self.process.pid, killed(self.process)
        self._kills.killed.append(Killed("worker", self.doom.step, pid, status))
        self._died(self)

    def end(self) -> None:
        killed(self.process)
        self._hearing.join(PATIENCE_S)
        self._line.close()


class Workers:
    """Workers that report what they do; who dies is replaced."""

    def __init__(self, start: Start, kills: RandomKills, bury: Bury, size: int = 2) -> None:
        self._start = start
        self._kills = kills
        self._bury = bury
        self._ended = False
        self._lock = threading.Lock()
        self._members = [Worker(start, kills, self._replace) for _ in range(size)]

    def _replace(self, dead: Worker) -> None:
        self._bury(dead.process.pid)
        with self._lock:
            if not self._ended:
                place = self._members.index(dead)
                self._members[place] = Worker(self._start, self._kills, self._replace)
        dead.end()

    def __enter__(self) -> "Workers":
        return self

    def until_over(self) -> None:
        """Until the last one who is to die of what was begun is dead."""
        until(lambda: not any(one.doom for one in self._members), "somebody does not die")

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._ended = True
        for one in self._members:
            one.end()


class Api:
    """The service's own process, which is started anew whenever it is killed."""

    def __init__(self, start: Callable[[], Forked]) -> None:
        """`start` returns when the process serves."""
        self.killed: list[Killed] = []
        self.failure: BaseException | None = None
        self._start = start
        self._process = start()
        self._serves = threading.Event()
        self._serves.set()
        self._turn = threading.Lock()

    def doom(self, step: str, wait_s: float) -> None:
        """Kill it in a while; returns when it serves, with that while before it."""
        with self._turn:
            assert self._serves.wait(PATIENCE_S), f"the API did not come back: {self.failure}"
            self._serves.clear()
        later(wait_s, lambda: self._die_of(step))

    def _die_of(self, step: str) -> None:
        pid, status = self._process.pid, killed(self._process)
        self.killed.append(Killed("api", step, pid, status))
        try:
            self._process = self._start()
        except BaseException as failure:  # told to who waits
            self.failure = failure
            raise
        self._serves.set()

    def until_over(self) -> None:
        assert self._serves.wait(PATIENCE_S), f"the API did not come back: {self.failure}"

    def __enter__(self) -> "Api":
        return self

    def __exit__(self, *_: object) -> None:
        """As an operator would, when no kill is due any more."""
        self.until_over()
        self._process.terminate()
        assert self._process.wait() == 0


def later(wait_s: float, run: Callable[[], None]) -> None:
    timer = threading.Timer(wait_s, run)
    timer.daemon = True
    timer.start()


def killed(process: Forked) -> int:
    """How it ended: by this, or before."""
    process.kill()
    return process.wait()


def until(true: Callable[[], bool], complaint: str, patience_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.02)


# -- what kills must not leave behind


def nothing_finished_was_encoded_again(kills: RandomKills) -> None:
    assert [one.keys for one in kills.encodes if one.finished] == []


def a_kill_costs_one_chunk_at_most(kills: RandomKills) -> None:
    """The one in flight, in all its rungs: a worker encodes one at a time."""
    assert len(begun_again(kills)) <= kills.kills()["worker"]


def chunks(kills: RandomKills) -> set[str]:
    """Every chunk in every rung."""
    return {key for one in kills.encodes for key in one.keys}


def begun_again(kills: RandomKills) -> list[Encode]:
    """Encodes of what had been begun before, at least in part."""
    begun, again = set[str](), list[Encode]()
    for one in kills.encodes:
        if begun & one.keys:
            again.append(one)
        begun |= one.keys
    return again


def all_kills_were_made(kills: RandomKills, planned: Counter[str]) -> None:
    assert kills.due == []
    assert kills.kills() == planned


def nobody_is_left(folder: os.PathLike[str]) -> None:
    """No tool outlives its worker."""
    until(lambda: processes_of(folder) == [], f"still there: {processes_of(folder)}")


def processes_of(folder: os.PathLike[str]) -> list[str]:
    """Command lines that name the folder."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                words = file.read().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if entry.isdigit() and int(entry) != os.getpid() and os.fspath(folder) in words:
            found.append(words)
    return found
