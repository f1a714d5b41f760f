"""What search remembers: each title's document, whole, for the ranking to read."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from vitascope.engines.rows import Rows, upsert
from vitascope.kernel.ids import TitleId
from vitascope.search.contract import SearchDocument

metadata = sa.MetaData()

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("title_id", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

_decoder = msgspec.json.Decoder(SearchDocument)


class DocumentStore:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def put(self, given: Sequence[SearchDocument]) -> None:
        rows = [{"title_id": d.title_id, "body": msgspec.json.encode(d)} for d in given]

        def work(connection: Connection) -> None:
            connection.execute(upsert(connection, documents, rows, key=("title_id",)))

        await self._rows.write(work)

    async def remove(self, title_ids: Sequence[TitleId]) -> None:
        def work(connection: Connection) -> None:
            gone = documents.c.title_id.in_(title_ids)
            connection.execute(sa.delete(documents).where(gone))

        await self._rows.write(work)

    async def find(self, title_ids: Sequence[str]) -> list[SearchDocument]:
        def work(connection: Connection) -> list[bytes]:
            wanted = documents.c.title_id.in_(title_ids)
            return list(connection.scalars(sa.select(documents.c.body).where(wanted)))

        return [_decoder.decode(body) for body in await self._rows.read(work)]
