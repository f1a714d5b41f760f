"""Processor time of a service that nobody uses: no viewer, no job.

    python -m benchmarks.idle [--seconds S]

Starts `up` without the demo, waits until it has settled, and adds up the processor time of all its
processes (supervisor, API, worker, two edges) over a minute. The reference is a core that is busy:
a loop in this process. The load is printed as well.

A machine at rest makes what wakes up now and then dear: caches are cold and cores asleep. How dear
is measured with a small piece of work, after naps and at once. On a machine of one's own it costs
up to twice as much after a nap; on a virtual one that others share, five or six times.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from benchmarks.start import TICKS, load, running, tree_cpu_s

TARGET = 0.015
SETTLE_S = 30.0


def by_process(root: int) -> dict[str, float]:
    """Processor seconds of `root` and of each child, by what it is."""
    spent = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue  # it has ended meanwhile
        if int(folder.name) == root or int(stat[1]) == root:
            said = words[words.index("vitascope") + 1 :] if "vitascope" in words else words[:3]
            spent[" ".join(said[:5]).strip()] = sum(map(int, stat[11:13])) / TICKS
    return spent


def busy_core(seconds: float) -> float:
    """Processor seconds of one core that does nothing but work for so long, on a quiet machine."""
    began, until = time.process_time(), time.monotonic() + seconds
    while time.monotonic() < until:
        pass
    return time.process_time() - began


def after_a_nap(turns: int = 40, nap_s: float = 0.25) -> float:
    """How many times as much a small piece of work costs after a nap as at once."""
    told = {"edges": [{"id": n, "name": str(n)} for n in range(300)]}

    def work() -> float:
        began = time.process_time()
        json.loads(json.dumps(told))
        return time.process_time() - began

    at_once = sum(work() for _ in range(turns))
    later = 0.0
    for _ in range(turns):
        time.sleep(nap_s)
        later += work()
    return later / at_once


def main(seconds: float) -> None:
    print(f"{load()} at the start")
    with (
        tempfile.TemporaryDirectory(prefix="vitascope-bench-") as name,
        running(Path(name) / "data", "--no-demo") as service,
    ):
        time.sleep(SETTLE_S)
        root = service.process.pid
        before, whole_before = by_process(root), tree_cpu_s(root)
        time.sleep(seconds)
        after, whole = by_process(root), tree_cpu_s(root) - whole_before
    for what, spent in after.items():
        print(f"  {(spent - before.get(what, spent)) / seconds:7.2%}  {what}")
    got = busy_core(min(seconds, 5.0)) / min(seconds, 5.0)
    print(f"all processes at rest      {whole / seconds:6.2%} of a core   target {TARGET:.1%}")
    print(f"a busy loop got            {got:6.2%} of a core meanwhile on {os.cpu_count()} cores")
    print(f"small work after a nap    {after_a_nap():6.2f} x what it costs at once")
    print(f"{load()} at the end")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Processor time at rest.")
    parser.add_argument("--seconds", type=float, default=60.0)
    main(parser.parse_args().seconds)
