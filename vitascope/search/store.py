"""What search remembers: each title's entry, whole, for the ranking to read."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from vitascope.engines.rows import Connection, Rows, upsert
from vitascope.kernel.ids import TitleId
from vitascope.search.contract import SearchDocument
from vitascope.search.entries import Entry, entry

metadata = sa.MetaData()

entries = sa.Table(
    "entries",
    metadata,
    sa.Column("title_id", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

_decoder = msgspec.json.Decoder(Entry)


class EntryStore:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def put(self, documents: Sequence[SearchDocument]) -> None:
        def work(connection: Connection) -> None:
            rows = [
                {"title_id": document.title_id, "body": msgspec.json.encode(entry(document))}
                for document in documents
            ]
            connection.execute(upsert(connection, entries, rows, key=("title_id",)))

        await self._rows.write(work)

    async def remove(self, title_ids: Sequence[TitleId]) -> None:
        def work(connection: Connection) -> None:
            gone = entries.c.title_id.in_(title_ids)
            connection.execute(sa.delete(entries).where(gone))

        await self._rows.write(work)

    async def known(self, title_ids: Sequence[str]) -> frozenset[str]:
        """Returns those of the ids that have an entry."""

        def work(connection: Connection) -> frozenset[str]:
            wanted = entries.c.title_id.in_(title_ids)
            return frozenset(connection.scalars(sa.select(entries.c.title_id).where(wanted)))

        return await self._rows.read(work)

    async def find(self, title_ids: Sequence[str]) -> list[Entry]:
        """Returns the entries of those titles that have one, decoded where they are read."""

        def work(connection: Connection) -> list[Entry]:
            wanted = entries.c.title_id.in_(title_ids)
            bodies = connection.scalars(sa.select(entries.c.body).where(wanted))
            return [_decoder.decode(body) for body in bodies]

        return await self._rows.read(work)
