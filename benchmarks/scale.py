"""What a request costs at 500, 5,000 and 15,000 titles, and how long the event loop is held.

    python -m benchmarks.scale [--sizes 500,5000,15000] [--requests N] [--no-play]
    python -m benchmarks.scale --together TURNS [--sizes 5000,15000] [--requests N]

One service whose catalogue grows: the films of `tests/data/` are imported as a partner does, with
`vita catalog import`. Figures are processor time of the API for a request, one viewer asking
one thing after the other, and the ratio to an empty route of the same run. From 5,000 to 15,000
titles a request may cost at most 1.5 x. A step of the event loop is what runs between two looks at
its sockets; its longest while requests were answered, and while `CHANGED` titles were changed
besides, is told too, in processor time of the loop's thread: 10 ms is the limit. The garbage
collector's longest looks count as steps, whichever thread they ran in. Rate limits are off, no
worker runs.
"""

import argparse
import asyncio
import gzip
import itertools
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from benchmarks.search import queries
from benchmarks.serving import UNLIMITED, ask, viewer, whole
from benchmarks.start import ROOT, first_film, load, running
from tests.films import FILE, films

MOST_GROWTH = 1.5
LOOP_MS = 10.0
PARTNER = ("scale@vitascope.example", "scale-12345")
WATCHED = {"PYTHONPATH": f"{ROOT / 'benchmarks/loop_watch'}:{ROOT}"}
HOMES = 10  # new profiles for each size: each one's first home page is built
LIKED = 3  # titles that some of these viewers gave a thumb before
TURNS = 5
CHANGED = 300  # titles

Http = aiohttp.ClientSession
Ask = Callable[[Http], Awaitable[Any]]


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    cpu_ms: float  # of the API, for a request
    longest_ms: float  # of the event loop's steps meanwhile; 0 where none was worth noting
    step: str  # what ran in that step


class Size(msgspec.Struct, frozen=True, kw_only=True):
    titles: int
    imported_s: float
    indexed_s: float  # until search knows all
    costs: dict[str, Cost]


class Service(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    pid: int  # of the process that is the API
    steps: Path  # what `loop_watch` writes

    def cpu_s(self) -> float:
        """Processor seconds of the API's threads so far, to the nanosecond."""
        spent = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(each.read_text().split()[0]) for each in spent) / 1e9


def grown(service: Service, folder: Path, titles: int) -> tuple[float, float]:
    """Import the first `titles` lines. Returns the seconds until they are saved, and indexed."""
    began = time.monotonic()
    with gzip.open(FILE, "rb") as lines:
        (file := folder / f"{titles}.jsonl").write_bytes(b"".join(itertools.islice(lines, titles)))
    subprocess.run(_import(service, file), check=True, cwd=ROOT, capture_output=True)
    saved = time.monotonic() - began
    asyncio.run(_quiet(service))
    return saved, time.monotonic() - began


def _import(service: Service, file: Path) -> list[str]:
    command = [sys.executable, "-m", "vitascope", "catalog", "import", str(file)]
    return [*command, "--server", service.url, "--email", PARTNER[0], "--password", PARTNER[1]]


async def while_titles_change(service: Service, folder: Path, titles: int) -> tuple[float, str]:
    """Ask for everything while the first titles get other years, until all news is heard. Returns
    the longest step of the event loop."""
    with gzip.open(FILE, "rb") as lines:
        known = [msgspec.json.decode(line) for line in itertools.islice(lines, CHANGED)]
    later = [msgspec.json.encode({**line, "year": line["year"] + 1}) for line in known]
    (file := folder / "changed.jsonl").write_bytes(b"\n".join(later))
    began = time.time()
    async with viewers(service.url, 1) as (http,):
        asked = await _asked(http, titles, play=False)
        command = _import(service, file)
        changing = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, stdout=subprocess.DEVNULL
        )
        changed = asyncio.create_task(changing.wait())
        while not changed.done():
            for ask_for in asked.values():
                await ask_for(http)
        if await changed:
            raise RuntimeError("The titles were not changed.")
        await asyncio.gather(_quiet(service), *(ask_for(http) for ask_for in asked.values()))
    return longest_step(service, began)


async def _quiet(service: Service) -> None:
    """Return when the service has nothing more to do than to wait: all news is heard."""
    quiet = 0
    while quiet < 3:
        before = service.cpu_s()
        await asyncio.sleep(1.0)
        quiet = quiet + 1 if service.cpu_s() - before < 0.1 else 0


async def costs(service: Service, titles: int, requests: int, play: bool) -> dict[str, Cost]:
    """By name of what was asked, the empty route first."""
    found: dict[str, list[Cost]] = {}
    async with viewers(service.url, 2 * HOMES + 1) as https:
        one, *fresh = https
        asked = await _asked(one, titles, play)
        liking = fresh[HOMES:]
        await _like(liking)
        await _quiet(service)
        shares = zip(_shares(fresh[:HOMES], TURNS), _shares(liking, TURNS), strict=True)
        for turn, (new, tasteful) in enumerate(shares):
            for name, share in (("home built", new), ("home built by a taste", tasteful)):
                found.setdefault(name, []).append(
                    await cost(service, [(http, _home) for http in share])
                )
            for name, each in asked.items():
                many = [(one, each)] * max(1, requests // TURNS)
                if turn == 0:
                    await each(one)
                found.setdefault(name, []).append(await cost(service, many))
    return {name: _least(turns) for name, turns in found.items()}


async def cost(service: Service, asks: Sequence[tuple[Http, Ask]]) -> Cost:
    began, cpu = time.time(), service.cpu_s()
    for http, each in asks:
        await each(http)
    spent = service.cpu_s() - cpu
    step = longest_step(service, began)
    return Cost(cpu_ms=spent / len(asks) * 1000, longest_ms=step[0], step=step[1])


def longest_step(service: Service, since: float) -> tuple[float, str]:
    """Of the API's event loop: its milliseconds of processor time, and what ran. Zero where none
    was worth a line."""
    if not service.steps.exists():
        return 0.0, ""
    lines = [line.split("\t") for line in service.steps.read_text().splitlines()]
    found = [
        (float(cpu_ms), what)
        for at, pid, cpu_ms, _, what in lines
        if int(pid) == service.pid and float(at) >= since
    ]
    return max(found, default=(0.0, ""))


async def _asked(http: Http, titles: int, play: bool) -> dict[str, Ask]:
    row = _row_with_more(await whole(http, "/api/homepage", has="rows"))
    known = films(titles)
    typed = [
        q for _, q, _ in random.Random(1).sample(list(queries(known[:500], random.Random(2))), 40)
    ]
    words, ids = itertools.cycle(typed), itertools.cycle([film.id for film in known[:40]])
    sorts = itertools.cycle(["new", "name", "year"])
    asked: dict[str, Ask] = {
        "empty route": lambda http: ask(http, "GET", "/healthz"),
        "home cached": _home,
        "row": lambda http: ask(http, "GET", f"/api/homepage/row?page_token={row}"),
        "catalogue page": lambda http: ask(http, "GET", f"/api/catalog?sort={next(sorts)}"),
        "search, suggestions": lambda http: ask(http, "GET", f"/api/search?q={next(words)}"),
        "title page, similar": lambda http: ask(http, "GET", f"/api/titles/{next(ids)}"),
    }
    if play:
        body = {"content_id": first_film()}
        asked["play"] = lambda http: _play(http, body)
    return asked


def _row_with_more(home: Any) -> str:
    """Returns the token of the next page of a row."""
    for row in home["rows"]:
        if row["next_page_token"]:
            return str(row["next_page_token"])
    raise RuntimeError(f"None of the {len(home['rows'])} rows of the home page goes on.")


async def _like(https: Sequence[Http]) -> None:
    known = [film.id for film in films(LIKED * len(https))]
    for n, http in enumerate(https):
        for title_id in known[n * LIKED : (n + 1) * LIKED]:
            await ask(http, "PUT", f"/api/thumbs/{title_id}", {"thumb": "love"})


async def _home(http: Http) -> Any:
    return await ask(http, "GET", "/api/homepage")


async def _play(http: Http, body: dict[str, str]) -> None:
    """As with a next film: the session's place goes on to a new one."""
    body["session_id"] = (await ask(http, "POST", "/api/play", body))["session_id"]


@asynccontextmanager
async def viewers(url: str, count: int) -> AsyncIterator[list[Http]]:
    first = time.time_ns() % 10**12
    https = [(await viewer(url, first + n))[0] for n in range(count)]
    try:
        yield https
    finally:
        for http in https:
            await http.close()


def _longest(cost: Cost) -> float:
    return cost.longest_ms


def _shares(https: Sequence[Http], count: int) -> list[Sequence[Http]]:
    return [https[n::count] for n in range(count)]


def _least(turns: Iterable[Cost]) -> Cost:
    """The cheapest turn: what else the machine does only adds. The longest step is that of all."""
    turns = list(turns)
    longest = max(turns, key=_longest)
    return msgspec.structs.replace(longest, cpu_ms=min(each.cpu_ms for each in turns))


def growth(smaller: Size, larger: Size) -> dict[str, float]:
    """How many times what a request costs in the smaller catalogue it costs in the larger."""
    return {
        name: larger.costs[name].cpu_ms / max(each.cpu_ms, 0.01)
        for name, each in smaller.costs.items()
        if name in larger.costs
    }


def side_by_side(smaller: int, larger: int, *, requests: int, turns: int) -> list[Size]:
    """Returns what requests cost in two services at once, one asked after the other: so both are
    measured on a machine that is as busy. The least of all turns, which are no more than are
    needed until no request costs too much."""
    found: list[Size] = []
    with tempfile.TemporaryDirectory(prefix="vitascope-bench-") as name, ExitStack() as services:
        up = []
        for titles in (smaller, larger):
            (folder := Path(name) / str(titles)).mkdir()
            up.append(services.enter_context(service_with(folder, play=False)))
            saved_s, indexed_s = grown(up[-1], folder, titles)
            found.append(Size(titles=titles, imported_s=saved_s, indexed_s=indexed_s, costs={}))
        for _ in range(turns):
            for n, (service, size) in enumerate(zip(up, found, strict=True)):
                more = asyncio.run(costs(service, size.titles, requests, play=False))
                found[n] = msgspec.structs.replace(size, costs=_cheaper(size.costs, more))
            if not over(*found):
                break
    return found


def over(smaller: Size, larger: Size) -> dict[str, float]:
    """Returns how many times more what costs too much more in the larger catalogue costs there."""
    times = growth(smaller, larger)
    return {name: each for name, each in times.items() if each > MOST_GROWTH}


def _cheaper(known: dict[str, Cost], more: dict[str, Cost]) -> dict[str, Cost]:
    """Returns the least of each. The longest step, too: what is long in every turn is no noise."""
    return {name: _less(cost, known.get(name, cost)) for name, cost in more.items()}


def _less(one: Cost, other: Cost) -> Cost:
    shorter = min(one, other, key=_longest)
    return msgspec.structs.replace(shorter, cpu_ms=min(one.cpu_ms, other.cpu_ms))


def measured(
    service: Service, folder: Path, sizes: Sequence[int], requests: int, play: bool
) -> list[Size]:
    found = []
    for titles in sizes:
        imported_s, indexed_s = grown(service, folder, titles)
        made = asyncio.run(costs(service, titles, requests, play))
        found.append(Size(titles=titles, imported_s=imported_s, indexed_s=indexed_s, costs=made))
        tell(found[-1])
        longest_ms, step = asyncio.run(while_titles_change(service, folder, titles))
        print(f"  while {CHANGED} titles change: longest step of the loop {longest_ms:.1f} ms")
        print(f"    {step[:160]}")
    return found


def tell(size: Size) -> None:
    print(
        f"{size.titles} titles: imported in {size.imported_s:.1f} s, indexed after "
        f"{size.indexed_s:.1f} s; {load()}"
    )
    empty = size.costs["empty route"].cpu_ms
    for name, each in size.costs.items():
        print(
            f"  {name:20} {each.cpu_ms:6.2f} CPU-ms   {each.cpu_ms / empty:5.1f} x the empty route"
            f"   longest step of the loop {each.longest_ms:5.1f} ms"
        )
        if each.longest_ms > LOOP_MS:
            print(f"    {each.step[:160]}")


def tell_growth(smaller: Size, larger: Size) -> None:
    print(f"from {smaller.titles} to {larger.titles} titles, at most {MOST_GROWTH} x:")
    for name, times in growth(smaller, larger).items():
        print(f"  {name:20} {times:5.2f} x{'   TOO MUCH' if times > MOST_GROWTH else ''}")
    longest = max(each.longest_ms for each in larger.costs.values())
    print(f"  longest step of the event loop {longest:.1f} ms, at most {LOOP_MS:.0f}")


def api_below(root: int) -> int:
    """The process below `up` that is the API."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # it has ended meanwhile
        if parent == root and b"run" in command and b"api" in command:
            return int(folder.name)
    raise RuntimeError("`up` runs no API.")


def open_partner(data: Path, port: str) -> None:
    command = [sys.executable, "-m", "vitascope", "account", PARTNER[0], "--role", "partner"]
    options = ["--password", PARTNER[1], "--data", str(data), "--port", port]
    subprocess.run([*command, *options], check=True, cwd=ROOT, capture_output=True)


@contextmanager
def service_with(folder: Path, *, play: bool) -> Iterator[Service]:
    """A service without titles, but for the demo's film if it is to be played."""
    data, steps = folder / "data", folder / "steps"
    if play:
        with running(data):
            pass  # until the demo's film can be played
    settings = {**UNLIMITED, **WATCHED, "VITASCOPE_SERVICE__WORKERS": "0"}
    with running(data, "--no-demo", **settings, VITASCOPE_LOOP_STEPS=str(steps)) as up:
        open_partner(data, up.url.rpartition(":")[2])
        url = up.url.replace("localhost", "127.0.0.1")
        yield Service(url=url, pid=api_below(up.process.pid), steps=steps)


def main(sizes: Sequence[int], requests: int, play: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="vitascope-bench-") as name:
        folder = Path(name)
        with service_with(folder, play=play) as service:
            found = measured(service, folder, sizes, requests, play)
    if len(found) > 1:
        tell_growth(*found[-2:])


def together(sizes: Sequence[int], requests: int, turns: int) -> None:
    smaller, larger = sizes
    found = side_by_side(smaller, larger, requests=requests, turns=turns)
    for size in found:
        tell(size)
    print(msgspec.json.encode(growth(*found)).decode())


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default="500,5000,15000")
    options.add_argument("--requests", type=int, default=240, help="of each kind")
    options.add_argument(
        "--together",
        type=int,
        metavar="TURNS",
        help="two sizes in two services at once, asked in turn; ends with a line of the growth",
    )
    options.add_argument("--no-play", action="store_true", help="without the demo's film")
    given = options.parse_args()
    chosen = [int(size) for size in given.sizes.split(",")]
    if given.together:
        together(chosen, given.requests, given.together)
    else:
        main(chosen, given.requests, not given.no_play)
