"""Fixtures of the tests of work: a queue in each database, and workers for it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.engines.work.hands import Gates, Hands
from tests.engines.work.work_process import notices_for
from vitascope.engines.work.dbos import DbosWork


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/work.db"
    made: str = request.getfixturevalue("postgres_url")
    return made


@pytest.fixture
async def work(url: str) -> AsyncIterator[DbosWork]:
    notices = notices_for(url)
    work = DbosWork(url, notices=notices)
    yield work
    await work.close()
    await notices.close()


@pytest.fixture
def gates(tmp_path: Path) -> Gates:
    return Gates(tmp_path / "gates")


@pytest.fixture
def hands(url: str, tmp_path: Path) -> Iterator[Hands]:
    hands = Hands(url, tmp_path)
    yield hands
    hands.stop()
