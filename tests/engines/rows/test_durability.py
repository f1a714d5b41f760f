"""Acknowledged means durable: what a client was told is there after a kill -9 at any moment."""

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from tests.conftest import OpenRows
from vitascope.engines.rows import Rows

ROOT = Path(__file__).resolve().parents[3]

Round = Callable[[int, str], set[int]]


@pytest.fixture
async def numbers(open_rows: OpenRows) -> Rows:
    rows = await open_rows("numbers", migrations=[])

    def make(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE numbers (n BIGINT PRIMARY KEY)"))

    await rows.write(make)
    return rows


@pytest.fixture
def killed_round(rows_url: str, data: Path) -> Round:
    def acknowledged_before_the_kill(first: int, kind: str) -> set[int]:
        """Let clients write, kill their process at a random moment, and return what they heard."""
        command = [sys.executable, "-m", "tests.engines.rows.writer"]
        command += [rows_url, str(data), str(first), kind]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as writer:
            assert writer.stdout
            heard = [int(writer.stdout.readline()) for _ in range(random.randint(50, 400))]
            writer.kill()
            rest = writer.stdout.read().split("\n")[:-1]  # what follows the last newline was cut
        return {*heard, *map(int, rest)}

    return acknowledged_before_the_kill


async def kept(rows: Rows) -> set[int]:
    def work(connection: Connection) -> set[int]:
        return set(connection.scalars(text("SELECT n FROM numbers")))

    return await rows.read(work)


@pytest.mark.long
async def test_kill_9_loses_no_acknowledged_write(numbers: Rows, killed_round: Round) -> None:
    acknowledged: set[int] = set()
    for turn in range(3):
        acknowledged |= killed_round(turn * 1_000_000, "honest")
    assert len(acknowledged) >= 150
    assert acknowledged <= await kept(numbers)


@pytest.mark.long
async def test_the_same_kill_catches_an_adapter_that_answers_before_the_commit(
    numbers: Rows, killed_round: Round
) -> None:
    for turn in range(10):
        acknowledged = killed_round(turn * 1_000_000, "early")
        if acknowledged - await kept(numbers):
            return
    pytest.fail("ten kills lost nothing: the durability test cannot see an early acknowledgement")
