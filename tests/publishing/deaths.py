"""Tells the workers of a queue who of them is dead.

By themselves they learn it from a long silence, which `tests/engines/work/test_work.py` is about.
How long a living worker is silent depends on the machine: here nobody is taken for dead who is not.
"""

from pathlib import Path

import sqlalchemy as sa

from vitascope.engines.notices.sockets import SocketNotices
from vitascope.engines.work.dbos_database import BEATS, WorkDatabase
from vitascope.engines.work.dbos_recovery import WorkRecovery

NEVER_S = 3600.0


def tell_death(url: str, notices: Path, name: str) -> None:
    """Put back into its queue what the dead worker `name` was running. Blocks."""
    database = WorkDatabase(url)
    try:
        for worker in _called(database, name):
            # as it would itself, if it were stopped rather than killed
            leaving = WorkRecovery(
                database,
                worker,
                beat_s=NEVER_S,
                dead_after_s=NEVER_S,
                busy=lambda: False,
                notices=SocketNotices(folder=notices),
            )
            leaving.start()
            leaving.stop()
    finally:
        database.close()


def _called(database: WorkDatabase, name: str) -> list[str]:
    with database.engine().connect() as connection:
        known = connection.execute(sa.select(BEATS.c.worker)).scalars()
        return [worker for worker in known if worker.rpartition("-")[0] == name]
