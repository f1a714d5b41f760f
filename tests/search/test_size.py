"""Search over 15,000 real films: what is found, and that its cost hardly grows."""

import asyncio
import itertools
import random
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from benchmarks.search import EVERYTHING, filled, queries, recall
from tests.films import films
from tests.growth import growth
from vitascope.catalog import Title
from vitascope.search.finder import SearchFinder
from vitascope.search.jobs import document_of

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="module"),
]
MOST_GROWTH = 1.5
"""Of processor time from 5,000 titles to 15,000."""


@pytest.fixture(scope="module")
def titles() -> list[Title]:
    return films()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def largest(
    large: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[SearchFinder]:
    folder = tmp_path_factory.mktemp("search")
    await asyncio.to_thread(shutil.copytree, large, folder, dirs_exist_ok=True)
    async with filled(folder, []) as finder:
        yield finder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def smaller(
    titles: list[Title], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[SearchFinder]:
    async with filled(tmp_path_factory.mktemp("smaller"), titles[:5000]) as finder:
        yield finder


@pytest.fixture(scope="module")
def typed(titles: list[Title]) -> list[str]:
    """Queries of every kind about titles that both catalogues have."""
    asked = list(queries(titles[:5000], random.Random(7)))
    return [query for _, query, _ in random.Random(8).sample(asked, 25)]


async def test_the_title_meant_is_among_the_first_five(
    largest: SearchFinder, titles: list[Title]
) -> None:
    asked = random.Random(3).sample(list(queries(titles, random.Random(11))), 300)

    async def find(query: str) -> list[str]:
        return [hit.title_id for hit in (await largest.find(query, scope=EVERYTHING)).hits]

    shares, _, missed = await recall(find, asked)
    assert shares["all"] >= 0.97, missed


async def test_a_search_costs_little_more_in_a_catalogue_three_times_the_size(
    largest: SearchFinder, smaller: SearchFinder, typed: Sequence[str]
) -> None:
    grown = await growth(
        partial(cost_s, smaller, typed), partial(cost_s, largest, typed), most=MOST_GROWTH, turns=20
    )
    assert grown <= MOST_GROWTH


async def test_a_search_costs_little_more_while_titles_are_written(
    largest: SearchFinder, typed: Sequence[str], titles: list[Title]
) -> None:
    """After every write the next search reads what the write changed, and nothing else."""

    changed = itertools.count()

    async def write() -> None:
        await largest.index([document_of(titles[next(changed) % 100], {})])

    grown = await growth(
        partial(cost_s, largest, typed), partial(cost_s, largest, typed, before=write),
        most=MOST_GROWTH, turns=20,
    )  # fmt: skip
    assert grown <= MOST_GROWTH


async def test_the_event_loop_does_little_of_a_search(
    largest: SearchFinder, typed: Sequence[str]
) -> None:
    own, whole = time.thread_time(), time.process_time()
    for query in typed:
        await largest.find(query, scope=EVERYTHING)
    share = (time.thread_time() - own) / (time.process_time() - whole)
    assert share < 0.35


async def cost_s(
    finder: SearchFinder, typed: Sequence[str], before: Callable[[], Awaitable[None]] | None = None
) -> float:
    """Processor seconds for all of these searches; what is done `before` each is not counted."""
    cost = 0.0
    for query in typed:
        if before is not None:
            await before()
        began = time.process_time()
        await finder.find(query, scope=EVERYTHING)
        cost += time.process_time() - began
    return cost
