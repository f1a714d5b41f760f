"""Progress on a terminal: bars on stderr, and plain lines where stderr is not a terminal."""

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from vitascope.publishing import Estimate, Job

STATES = {
    "queued": "Waiting for a worker",
    "inspecting": "Inspecting the master",
    "needs-review": "Needs review",
    "analysing": "Finding shots, trying encodes",
    "encoding": "Encoding",
    "packaging": "Encrypting and packaging",
    "verifying": "Verifying the result",
    "no-room": "Waits for disk space",
    "ready": "Ready, not published",
    "live": "Live",
    "rejected": "Refused",
    "failed": "Failed",
    "cancelled": "Cancelled",
}


class ProgressBars:
    """One bar for each named step. Use as a context manager."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.console = Console(stderr=True, quiet=quiet, highlight=False)
        self._progress = self._bars()
        self._tasks: dict[str, TaskID] = {}
        self._plain = not sys.stderr.isatty()
        self._said: dict[str, float] = {}

    def _bars(self) -> Progress:
        return Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=28),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[detail]}[/]"),
            console=self.console,
            transient=False,
        )

    def __enter__(self) -> "ProgressBars":
        if not self._plain:
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave what is shown as it is. A later step begins below it."""
        if not self._plain:
            self._progress.stop()
            self._progress, self._tasks = self._bars(), {}

    def say(self, sentence: str) -> None:
        self.console.print(sentence, markup=False)

    def step(self, name: str, done: float, total: float, detail: str = "") -> None:
        finished = total > 0 and done >= total
        if self._plain:
            self._line(name, done, total, finished)
            return
        self._progress.start()
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=None, detail="")
        self._progress.update(
            self._tasks[name],
            completed=done,
            total=total or None,
            detail="" if finished else detail,
        )

    def _line(self, name: str, done: float, total: float, finished: bool) -> None:
        """At most a line every two seconds for each step, one when it begins and one at its end."""
        now = time.monotonic()
        if self._said.get(name) == float("inf"):
            return
        if finished:
            self._said[name] = float("inf")
            self.say(f"{name}: done")
        elif now - self._said.get(name, float("-inf")) >= 2:
            self._said[name] = now
            self.say(f"{name}: {done / total:.0%}" if total else f"{name} ...")

    def job(self, job: Job) -> None:
        """Show every step of a job that has begun, and each rung with its chunks."""
        for step in job.steps:
            if step.state == "waiting":
                continue
            total = step.total or 1
            done = total if step.state == "done" else step.done
            what = (
                f"{step.done}/{step.total} {step.unit}" if step.total and step.unit else step.detail
            )
            self.step(step.name[:1].upper() + step.name[1:], done, total, what)


def estimate_sentence(told: Estimate) -> str:
    """Returns what a film is expected to take, in a line."""
    when = [f"whole in {_span(told.live_in_ms)}"]
    if told.playable_in_ms is not None:
        when.insert(0, f"can be played in {_span(told.playable_in_ms)}")
    others = "1 film" if told.jobs_ahead == 1 else f"{told.jobs_ahead} films"
    after = f", after {others} before it" if told.jobs_ahead else ""
    known = "" if told.learned else " This is a guess: nothing was published here before."
    return (
        f"About {_hours(told.cpu_s)} of processor time and {decimal(told.room)} of room; "
        f"{', '.join(when)}{after}.{known}"
    )


def _span(milliseconds: int) -> str:
    minutes = milliseconds / 60_000
    if minutes < 1.5:
        return "a minute"
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def _hours(seconds: float) -> str:
    if seconds < 90:
        return "a minute"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
