"""D3: how often the title meant is among the first five, however it was typed.

For titles of the demo in both languages, or with `--titles N` for as many of the 15,000 films of
`tests/data/`, queries are made as people make them: whole names, beginnings, one slip, two slips
in long names, a slip in a beginning, diacritics left out, words swapped or run together, and the
people. The reference of the same run is plain FTS5: every word as a prefix, ordered by bm25.

    python -m benchmarks.search [--titles N] [--queries N] [--seed N]
"""

import argparse
import asyncio
import bisect
import itertools
import random
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import text

from tests.films import films as many_films
from vitascope.catalog import Title
from vitascope.catalog.genres import GENRES
from vitascope.engines.rows import Connection, Rows
from vitascope.engines.rows.sqlite import SqliteRows
from vitascope.engines.text import fold
from vitascope.engines.text.sqlite import MIGRATIONS, SqliteText
from vitascope.kernel.country import Country
from vitascope.kernel.ids import AccountId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.scope import Scope
from vitascope.operations.demo.films import films
from vitascope.search.finder import SearchFinder
from vitascope.search.jobs import document_of

TARGET = 0.97
EVERYTHING = Scope(country=Country("FR"), maturity=Maturity.EIGHTEEN, kids=False, at_ms=1)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
Find = Callable[[str], Awaitable[list[str]]]
Asked = tuple[str, str, set[str]]
"""(kind, what is typed, the ids that would be right)"""


def queries(titles: Sequence[Title], chance: random.Random) -> Iterator[Asked]:
    named: dict[str, set[str]] = {}
    for title in titles:
        for words in title.wordings:
            named.setdefault(words.name, set()).add(title.id)
    begun = Beginnings(named)
    for name, ids in named.items():
        yield from _by_name(name, ids, begun, chance)
    people: dict[str, set[str]] = {}
    for title in titles:
        if title.credits:
            people.setdefault(title.credits[0].name, set()).add(title.id)
    for name, ids in people.items():
        if len(fold(name)) >= 5:
            yield "person, one slip", slip(fold(name), chance), ids


def _by_name(
    name: str, ids: set[str], begun: "Beginnings", chance: random.Random
) -> Iterator[Asked]:
    short = fold(name.split(":")[0])
    yield "whole", name, ids
    yield "no marks", fold(name), ids
    if len(short) >= 6:
        beginning = short[: max(5, len(short) * 2 // 3)].strip()
        right = begun.ids(beginning)
        yield "beginning", beginning, right
        if len(beginning) >= 6:
            yield "beginning, one slip", slip(beginning, chance), right
    if len(short) >= 5:
        yield "one slip", slip(short, chance), ids
    if len(short) >= 10:
        yield "two slips", slip(slip(short, chance), chance), ids
        words = short.split()
        if len(words) > 1:
            yield "swapped", " ".join(reversed(words)), ids
            yield "run together", "".join(words), ids


class Beginnings:
    """Which titles have a name that begins so."""

    def __init__(self, named: Mapping[str, set[str]]) -> None:
        self._named = sorted((fold(name), ids) for name, ids in named.items())

    def ids(self, beginning: str) -> set[str]:
        first = bisect.bisect_left(self._named, beginning, key=lambda one: one[0])
        names = itertools.takewhile(
            lambda one: one[0].startswith(beginning), itertools.islice(self._named, first, None)
        )
        return {title for _, ids in names for title in ids}


def slip(typed: str, chance: random.Random) -> str:
    """One letter left out, doubled in error, mistaken, or swapped with its neighbour; never in a
    word of two letters, where nothing would be left to recognise."""
    places = [i for i in range(1, len(typed) - 1) if " " not in typed[i - 1 : i + 2]] or [1]
    i = chance.choice(places)
    kind = chance.choice(("drop", "add", "mistake", "swap"))
    if kind == "drop":
        return typed[:i] + typed[i + 1 :]
    if kind == "add":
        return typed[:i] + chance.choice(_LETTERS) + typed[i:]
    if kind == "mistake":
        other = chance.choice(_LETTERS.replace(typed[i], ""))
        return typed[:i] + other + typed[i + 1 :]
    return typed[:i] + typed[i + 1] + typed[i] + typed[i + 2 :]


async def recall(
    find: Find, asked: Sequence[Asked]
) -> tuple[dict[str, float], float, list[tuple[str, str]]]:
    """Returns recall@5 by kind of query, processor seconds a query, and what was missed."""
    found: dict[str, list[bool]] = {}
    missed = []
    started = time.process_time()
    for kind, query, ids in asked:
        right = bool(ids & set((await find(query))[:5]))
        found.setdefault(kind, []).append(right)
        if not right:
            missed.append((kind, query))
    seconds = (time.process_time() - started) / len(asked)
    shares = {kind: sum(hits) / len(hits) for kind, hits in found.items()}
    shares["all"] = sum(map(sum, found.values())) / len(asked)
    return shares, seconds, missed


async def demo_titles() -> list[Title]:
    demo = Path(__file__).parents[1] / "demo"
    return [film.title for film in await asyncio.to_thread(films, demo, AccountId("acc_demo"))]


@asynccontextmanager
async def filled(folder: Path, titles: Sequence[Title]) -> AsyncIterator[SearchFinder]:
    """A search over `titles`, in databases of its own."""
    rows = await SqliteRows.open(
        "search", folder=folder, migrations=["vitascope.search.migrations"]
    )
    words = await SqliteRows.open("text", folder=folder, migrations=[MIGRATIONS])
    finder = SearchFinder(rows=rows, text=SqliteText(words))
    for first in range(0, len(titles), 500):
        await finder.index([document_of(t, GENRES) for t in titles[first : first + 500]])
    try:
        yield finder
    finally:
        await rows.close()
        await words.close()


@asynccontextmanager
async def plain(folder: Path) -> AsyncIterator[Find]:
    """FTS5 as it comes, over what `filled` has written."""
    words = await SqliteRows.open("text", folder=folder, migrations=[MIGRATIONS])
    yield lambda query: _plainly(words, query)
    await words.close()


async def _plainly(words: Rows, query: str) -> list[str]:
    match = " ".join(f'"{word}"*' for word in fold(query).split())

    def work(connection: Connection) -> list[str]:
        statement = text(
            "SELECT documents.id FROM words JOIN documents ON documents.key = words.rowid"
            " WHERE words MATCH :match ORDER BY rank LIMIT 5"
        )
        return list(connection.execute(statement, {"match": match}).scalars())

    return await words.read(work)


async def main(count: int, most: int, seed: int) -> None:
    titles = many_films(count) if count else await demo_titles()
    asked = list(queries(titles, random.Random(seed)))
    asked = random.Random(seed).sample(asked, min(most, len(asked)))
    with tempfile.TemporaryDirectory() as name:
        async with filled(Path(name), titles) as finder, plain(Path(name)) as reference:

            async def ours(query: str) -> list[str]:
                return [hit.title_id for hit in (await finder.find(query, scope=EVERYTHING)).hits]

            mine, mine_s, missed = await recall(ours, asked)
            theirs, theirs_s, _ = await recall(reference, asked)
    for kind, share in mine.items():
        print(f"{kind:20} {share:6.3f}   plain FTS5 {theirs[kind]:6.3f}")
    ratio = mine["all"] / theirs["all"]
    print(f"{len(titles)} titles, {len(asked)} queries")
    print(f"recall@5 {mine['all']:.3f}, target {TARGET}, {ratio:.2f} x the reference")
    print(f"{mine_s * 1000:.1f} ms of processor a query, {mine_s / theirs_s:.1f} x the reference")
    for kind, query in missed[:20]:
        print(f"missed: {query!r} ({kind})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--titles", type=int, default=0, help="of tests/data/; 0: the demo's")
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    asyncio.run(main(given.titles, given.queries, given.seed))
