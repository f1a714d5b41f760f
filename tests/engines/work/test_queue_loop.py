"""How a worker finds what is next: the first item of each party, however many wait."""

import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from vitascope.engines.work import Queue
from vitascope.engines.work.dbos_database import ITEMS, WorkDatabase
from vitascope.engines.work.dbos_queues import QueueLoop

NAMES = ("jobs", "chunks", "changes")


def loop_of(database: WorkDatabase) -> QueueLoop:
    queues = [Queue(name=name) for name in NAMES]
    return QueueLoop(database, "w", queues, busy=lambda: False, poll_s=1.0, idle_s=5.0)


def put(database: WorkDatabase, *items: tuple[int, str, str, int], state: str = "ENQUEUED") -> None:
    """Number (which is when it came), queue, party, priority."""
    rows = [
        {
            "workflow_uuid": f"w{number}",
            "status": state,
            "queue_name": queue,
            "queue_partition_key": party,
            "priority": priority,
            "created_at": number,
        }
        for number, queue, party, priority in items
    ]
    with database.engine().begin() as connection:
        connection.execute(sa.insert(ITEMS), rows)


@pytest.mark.long
def test_the_first_of_each_party_is_the_most_urgent_and_then_the_oldest(url: str) -> None:
    database = WorkDatabase(url)
    loop = loop_of(database)
    assert loop._heads(NAMES) == {}
    put(
        database,
        *((1, "jobs", "b", 20), (2, "jobs", "a", 20), (3, "jobs", "a", 10), (4, "jobs", "a", 10)),
        *((5, "chunks", "c", 30), (6, "chunks", "-", 20), (7, "elsewhere", "a", 1)),
    )
    put(database, (0, "jobs", "c", 1), state="PENDING")
    put(database, (8, "changes", "a", 1), state="SUCCESS")
    assert loop._heads(NAMES) == {
        ("jobs", "a"): (10, 3),
        ("jobs", "b"): (20, 1),
        ("chunks", "c"): (30, 5),
        ("chunks", "-"): (20, 6),
    }
    assert loop._heads(["chunks"]).keys() == {("chunks", "c"), ("chunks", "-")}
    assert loop._heads([]) == {}
    database.close()


def test_what_a_look_costs_does_not_grow_with_what_waits(tmp_path: Path) -> None:
    database = WorkDatabase(f"sqlite:///{tmp_path}/work.db")
    loop = loop_of(database)
    costs = []
    for count in (150, 15_000):
        put(database, *((count + n, NAMES[n % 3], f"p{n % 5}", 20) for n in range(count)))
        began = time.process_time()
        for _ in range(20):
            assert len(loop._heads(NAMES)) == 15
        costs.append(time.process_time() - began)
    assert costs[1] < 2 * costs[0]
    database.close()
