"""The edge's disk: whole files by prefix and name, least recently used first out.

    FOLDER/<asset>/<version>/<file>       a file that was verified and renamed into place
    FOLDER/<asset>/<version>/.bill        what the version consists of
    FOLDER/.filling/<random>.part         on its way; thrown away at the next start

What is on the disk is known from memory, so that answering costs no look at a folder. A file's
modification time is drawn from its hash: the ETag, which aiohttp and nginx both make of time and
size, is then the same on every edge.
"""

import asyncio
import os
import re
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import msgspec
import structlog

from vitascope.edge.contract import Bill, BilledFile

log = structlog.get_logger(__name__)

SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)
_GRACE_S = 0.5  # an answer that was about to open an evicted file still finds it


class Shelf:
    """Use it from one event loop. `open` before anything else; it reads the folder."""

    def __init__(self, folder: Path, limit_bytes: int, pinned: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes
        self._pinned = frozenset(pinned)
        self._files: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._bills: dict[str, Bill] = {}
        self._reserved = 0
        self._leaving: set[asyncio.Future[None]] = set()

    def open(self) -> None:
        """Learn what is there, and throw away what was not finished. Blocks: use a thread."""
        filling = self.folder / ".filling"
        filling.mkdir(parents=True, exist_ok=True)
        for part in filling.iterdir():
            part.unlink()
        self._bills = {bill.prefix: bill for bill in self._read_bills()}
        found = [entry for bill in self._bills.values() for entry in self._present(bill)]
        self._files = OrderedDict((key, size) for _, key, size in sorted(found))

    @property
    def used_bytes(self) -> int:
        return sum(self._files.values()) + self._reserved

    def __len__(self) -> int:
        return len(self._files)

    def find(self, prefix: str, name: str) -> Path | None:
        """Where the file lies, if it does; it is now the one used last."""
        if (prefix, name) not in self._files:
            return None
        self._files.move_to_end((prefix, name))
        return self.folder / prefix / name

    def bill(self, prefix: str) -> Bill | None:
        return self._bills.get(prefix)

    async def keep_bill(self, bill: Bill) -> None:
        await asyncio.to_thread(self._write_bill, bill)
        self._bills[bill.prefix] = bill

    def whole(self) -> tuple[str, ...]:
        """Prefixes of which every film and sound file is here."""
        held: dict[str, set[str]] = {}
        for prefix, name in self._files:
            held.setdefault(prefix, set()).add(name)
        return tuple(
            prefix
            for prefix, names in held.items()
            if prefix in self._bills and names >= set(_media(self._bills[prefix]))
        )

    def reserve(self, size: int) -> bool:
        """Make room for `size` bytes, evicting what was used least recently. False when even
        that is not enough: the file is then only passed through."""
        over = self.used_bytes + size - self.limit_bytes
        victims = []
        for (prefix, name), held in self._files.items():
            if over <= 0:
                break
            if prefix not in self._pinned:
                victims.append((prefix, name))
                over -= held
        if over > 0:
            return False
        for prefix, name in victims:
            self._evict(prefix, name)
        self._reserved += size
        return True

    def release(self, size: int) -> None:
        self._reserved -= size

    async def keep(self, prefix: str, name: str, billed: BilledFile, part: Path) -> None:
        """Put a verified file in its place, durable and whole or not at all. Its room was
        reserved."""
        await asyncio.to_thread(_place, part, self.folder / prefix / name, billed)
        self._files[prefix, name] = billed.size
        self.release(billed.size)

    def forget(self, prefix: str, name: str) -> None:
        """The file is not what it should be."""
        if (prefix, name) in self._files:
            self._evict(prefix, name)

    async def settle(self) -> None:
        """Return when evicted files have left the disk."""
        while self._leaving:
            await asyncio.gather(*self._leaving)

    def _evict(self, prefix: str, name: str) -> None:
        del self._files[prefix, name]
        log.info("edge.evicted", prefix=prefix, file=name)
        leaving = asyncio.ensure_future(self._unlink(prefix, name))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    async def _unlink(self, prefix: str, name: str) -> None:
        await asyncio.sleep(_GRACE_S)
        if (prefix, name) not in self._files:  # it may have come back meanwhile
            path = self.folder / prefix / name
            await asyncio.to_thread(path.unlink, missing_ok=True)

    def _read_bills(self) -> Iterator[Bill]:
        for file in self.folder.glob("*/*/.bill"):
            try:
                yield msgspec.json.decode(file.read_bytes(), type=Bill)
            except msgspec.MsgspecError:
                file.unlink()  # the origin will tell again

    def _present(self, bill: Bill) -> Iterator[tuple[float, tuple[str, str], int]]:
        for name, billed in bill.files.items():
            path = self.folder / bill.prefix / name
            if not path.is_file():
                continue
            if path.stat().st_size == billed.size:
                yield path.stat().st_atime, (bill.prefix, name), billed.size
            else:
                path.unlink()

    def _write_bill(self, bill: Bill) -> None:
        target = self.folder / bill.prefix / ".bill"
        target.parent.mkdir(parents=True, exist_ok=True)
        part = self.folder / ".filling" / f"{os.urandom(8).hex()}.part"
        part.write_bytes(msgspec.json.encode(bill))
        part.replace(target)


def stamp(billed: BilledFile) -> int:
    """The modification time, in seconds, that a file of this hash has on every edge."""
    return 1_000_000_000 + int(billed.sha256[:8], 16) % 500_000_000


def _media(bill: Bill) -> Iterator[str]:
    media = [name for name in bill.files if name.endswith((".mp4", ".m4s", ".m4a", ".m4v"))]
    return iter(media or bill.files)


def _place(part: Path, target: Path, billed: BilledFile) -> None:
    now = int(part.stat().st_mtime)
    os.utime(part, (now, stamp(billed)))
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
