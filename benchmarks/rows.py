"""Group commit against a commit per row, both `synchronous=FULL`, on the same disk in one run.

    python -m benchmarks.rows [FOLDER]

The reference is one client that waits for each commit; the figures are clients writing at once.
Target: from 50 clients on, at least 4 times the reference.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import Connection, text

from vitascope.engines.rows.sqlite import SqliteRows

TARGET = 4.0
SECONDS = 2.0


async def rate(rows: SqliteRows, clients: int) -> float:
    """Acknowledged rows per second of `clients` that each write the next when told of the last."""
    written = 0
    until = time.perf_counter() + SECONDS

    def insert(connection: Connection) -> None:
        connection.execute(text("INSERT INTO beats (position_ms) VALUES (1)"))

    async def client() -> None:
        nonlocal written
        while time.perf_counter() < until:
            await rows.write(insert)
            written += 1

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return written / (time.perf_counter() - began)


async def main(folder: Path) -> None:
    rows = await SqliteRows.open("beats", folder=folder)

    def make(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE beats (n INTEGER PRIMARY KEY, position_ms INT)"))

    await rows.write(make)
    await rate(rows, 1)  # warm
    reference = await rate(rows, 1)
    print(f"reference: 1 client, a commit per row   {reference:8.0f} rows/s")
    for clients in (10, 50, 200, 1000):
        figure = await rate(rows, clients)
        aim = f"  target {TARGET:.0f} x" if clients >= 50 else ""
        print(
            f"{clients:5} clients sharing commits         {figure:8.0f} rows/s"
            f"  {figure / reference:5.1f} x{aim}"
        )
    await rows.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(main(Path(sys.argv[1])))
    else:
        with tempfile.TemporaryDirectory(prefix="vita-rows-") as scratch:
            asyncio.run(main(Path(scratch)))
