"""D3: how often the title meant is among the first five, however it was typed.

For every title of the demo, in both languages, queries are made as people make them: whole names,
beginnings, one slip, two slips in long names, diacritics left out, words swapped, and the people.
The reference of the same run is plain FTS5: every word as a prefix, ordered by bm25.

    python benchmarks/search.py [--seed N]
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from sqlalchemy import Connection, text

from vitascope.catalog import Title
from vitascope.catalog.genres import GENRES
from vitascope.engines.rows import Rows
from vitascope.engines.rows.sqlite import SqliteRows
from vitascope.engines.text import fold
from vitascope.engines.text.sqlite import MIGRATIONS, SqliteText
from vitascope.kernel.ids import AccountId, TitleId
from vitascope.operations.demo.films import films
from vitascope.search.finder import SearchFinder
from vitascope.search.jobs import document_of

TARGET = 0.97
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
Find = Callable[[str], Awaitable[list[str]]]


def queries(titles: list[Title], chance: random.Random) -> Iterator[tuple[str, str, set[str]]]:
    """(kind, what is typed, the ids that would be right)."""
    named: dict[str, set[str]] = {}
    for title in titles:
        for words in title.wordings:
            named.setdefault(words.name, set()).add(title.id)
    for name, ids in named.items():
        short = name.split(":")[0]
        yield "whole", name, ids
        yield "no marks", fold(name), ids
        if len(short) >= 6:
            yield "beginning", short[: max(5, len(short) * 2 // 3)], ids
        if len(fold(short)) >= 5:
            yield "one slip", slip(fold(short), chance), ids
        if len(fold(short)) >= 10:
            yield "two slips", slip(slip(fold(short), chance), chance), ids
            words = fold(short).split()
            if len(words) > 1:
                yield "swapped", " ".join(reversed(words)), ids
    directors: dict[str, set[str]] = {}
    for title in titles:
        directors.setdefault(title.credits[0].name, set()).add(title.id)
    for name, ids in directors.items():
        yield "person, one slip", slip(fold(name), chance), ids


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
    find: Find, asked: list[tuple[str, str, set[str]]]
) -> tuple[dict[str, float], float, list[tuple[str, str]]]:
    """Recall@5 by kind of query, seconds a query, and what was missed."""
    found: dict[str, list[bool]] = {}
    missed = []
    started = time.perf_counter()
    for kind, query, ids in asked:
        right = bool(ids & set((await find(query))[:5]))
        found.setdefault(kind, []).append(right)
        if not right:
            missed.append((kind, query))
    seconds = (time.perf_counter() - started) / len(asked)
    shares = {kind: sum(hits) / len(hits) for kind, hits in found.items()}
    shares["all"] = sum(map(sum, found.values())) / len(asked)
    return shares, seconds, missed


async def filled(folder: Path, demo: Path) -> tuple[SearchFinder, Rows, list[Title]]:
    """A search over the demo's titles, in databases of its own."""
    rows = await SqliteRows.open(
        "search", folder=folder, migrations=["vitascope.search.migrations"]
    )
    words = await SqliteRows.open("text", folder=folder, migrations=[MIGRATIONS])
    finder = SearchFinder(rows=rows, text=SqliteText(words))
    known = await asyncio.to_thread(films, demo, AccountId("acc_demo"))
    titles = [film.title for film in known]
    await finder.index([document_of(title, GENRES) for title in titles])
    return finder, words, titles


def plain(words: Rows) -> Find:
    async def find(query: str) -> list[str]:
        match = " ".join(f'"{word}"*' for word in fold(query).split())

        def work(connection: Connection) -> list[str]:
            statement = text("SELECT id FROM words WHERE words MATCH :match ORDER BY rank LIMIT 5")
            return [row[0] for row in connection.execute(statement, {"match": match})]

        return await words.read(work)

    return find


async def main(seed: int) -> None:
    demo = Path(__file__).parents[1] / "demo"
    with tempfile.TemporaryDirectory() as folder:
        finder, words, titles = await filled(Path(folder), demo)
        everything = frozenset(TitleId(title.id) for title in titles)

        async def ours(query: str) -> list[str]:
            found = await finder.find(query, within=everything)
            return [hit.title_id for hit in found.hits]

        asked = list(queries(titles, random.Random(seed)))
        mine, mine_s, missed = await recall(ours, asked)
        theirs, theirs_s, _ = await recall(plain(words), asked)
        for kind, share in mine.items():
            print(f"{kind:18} {share:6.3f}   plain FTS5 {theirs[kind]:6.3f}")
        ratio = mine["all"] / theirs["all"]
        print(f"recall@5 {mine['all']:.3f}, target {TARGET}, {ratio:.2f} x the reference")
        print(f"{mine_s * 1000:.1f} ms a query, {mine_s / theirs_s:.1f} x the reference")
        for kind, query in missed[:20]:
            print(f"missed: {query!r} ({kind})")
        await finder._documents._rows.close()
        await words.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    asyncio.run(main(parser.parse_args().seed))
