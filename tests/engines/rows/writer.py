"""A process of many clients that write numbers and say so once each is acknowledged.

    python -m tests.engines.rows.writer sqlite|URL FOLDER FIRST honest|early

`early` plants the fault that the durability test must catch: an adapter that answers when the
work was done and commits afterwards.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from vitascope.engines.rows import Rows
from vitascope.engines.rows.postgres import PostgresRows
from vitascope.engines.rows.sqlite import SqliteRows
from vitascope.engines.rows.sqlite_thread import ThreadConnection


class EarlySqlite(SqliteRows):
    def _run(self, connection: ThreadConnection, write: Any) -> None:
        super()._run(connection, write)
        write.acknowledged.get_loop().call_soon_threadsafe(write.acknowledge)


class EarlyPostgres(PostgresRows):
    async def _once(self, work: Any) -> Any:
        transaction = self._writer.begin()
        connection = await transaction.__aenter__()
        value = await connection.run_sync(work)
        self._later = asyncio.create_task(transaction.__aexit__(None, None, None))
        return value


async def open_(url: str, folder: str, early: bool) -> Rows:
    if url == "sqlite":
        kind = EarlySqlite if early else SqliteRows
        return await kind.open("numbers", folder=Path(folder))
    kind_ = EarlyPostgres if early else PostgresRows
    return await kind_.open("numbers", url=url)


async def client(rows: Rows, first: int, step: int) -> None:
    number = first
    while True:

        def insert(connection: Connection, number: int = number) -> None:
            connection.execute(text("INSERT INTO numbers VALUES (:n)"), {"n": number})

        await rows.write(insert)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        number += step


async def main(url: str, folder: str, first: str, kind: str) -> None:
    rows = await open_(url, folder, kind == "early")
    clients = 40
    await asyncio.gather(*(client(rows, int(first) + n, clients) for n in range(clients)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
