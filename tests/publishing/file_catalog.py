"""As much of a catalog as illustrating asks for: one film, kept in a file, and its pictures."""

import asyncio
import hashlib
from pathlib import Path

import msgspec

from vitascope.catalog import Artwork, Title, TitleKind, Wording
from vitascope.catalog.titles import illustrated
from vitascope.kernel.ids import AccountId, ContentId, TitleId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.media import Scheme

BARE = Title(
    id=TitleId("ttl_x"),
    kind=TitleKind.FILM,
    wordings=(Wording(locale="en", name="A film"),),
    year=1925,
    maturity=Maturity.ALL,
    genres=(),
)


class FileCatalog:
    def __init__(self, data: Path) -> None:
        self._title = data / "title"
        self._pictures = data / "pictures"

    async def titles(self, title_ids: list[TitleId]) -> list[Title]:
        return [await asyncio.to_thread(self.title)]

    async def keep_picture(self, content: bytes, suffix: str) -> str:
        def write() -> str:
            self._pictures.mkdir(exist_ok=True)
            name = f"{hashlib.sha256(content).hexdigest()[:40]}.{suffix}"
            (self._pictures / name).write_bytes(content)
            return name

        return await asyncio.to_thread(write)

    async def illustrate(self, title_id: TitleId, content_id: ContentId, taken: Artwork) -> None:
        await asyncio.to_thread(
            lambda: self.hang(illustrated(self.title(), taken, content_id).artwork)
        )

    # -- what a test does with it

    def title(self) -> Title:
        if not self._title.exists():
            return BARE
        return msgspec.json.decode(self._title.read_bytes(), type=Title)

    def own(self, partner_id: AccountId) -> None:
        self._keep(msgspec.structs.replace(self.title(), partner_id=partner_id))

    def protect(self, scheme: Scheme) -> None:
        self._keep(msgspec.structs.replace(self.title(), protection=scheme))

    def hang(self, artwork: Artwork) -> None:
        self._keep(msgspec.structs.replace(self.title(), artwork=artwork))

    def _keep(self, shown: Title) -> None:
        draft = self._title.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(shown))
        draft.rename(self._title)

    def pictures(self) -> dict[str, bytes]:
        there = self._pictures.iterdir() if self._pictures.exists() else ()
        return {file.name: file.read_bytes() for file in there}
