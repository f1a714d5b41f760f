"""The edge's disk: whole files by prefix and name, least recently used first out.

    FOLDER/<asset>/<version>/<file>       a file that was verified and renamed into place
    FOLDER/<asset>/<version>/.package     what the version consists of
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

from vitascope.edge.inventory import Inventory
from vitascope.kernel.packages import PackageFile, PackageListing

log = structlog.get_logger(__name__)

SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)
_GRACE_S = 0.5  # an answer that was about to open an evicted file still finds it


class FileCache:
    """Use it from one event loop. `open` before anything else; it reads the folder."""

    def __init__(self, folder: Path, limit_bytes: int, pinned: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes
        self._pinned = frozenset(pinned)
        self._files: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._packages: dict[str, PackageListing] = {}
        self.inventory = Inventory()
        self._kept_bytes = 0
        self._reserved = 0
        self._leaving: set[asyncio.Future[None]] = set()

    def open(self) -> None:
        """Learn what is there, and throw away what was not finished. Blocks: use a thread."""
        filling = self.folder / ".filling"
        filling.mkdir(parents=True, exist_ok=True)
        for part in filling.iterdir():
            part.unlink()
        self._packages = {package.prefix: package for package in self._read_packages()}
        found = [entry for package in self._packages.values() for entry in self._present(package)]
        self._files = OrderedDict((key, size) for _, key, size in sorted(found))
        self._kept_bytes = sum(self._files.values())
        for prefix in self._packages:
            self._note(prefix)

    @property
    def used_bytes(self) -> int:
        return self._kept_bytes + self._reserved

    def __len__(self) -> int:
        return len(self._files)

    def find(self, prefix: str, name: str) -> Path | None:
        """Returns where the file lies, if it does; it is now the one used last."""
        if (prefix, name) not in self._files:
            return None
        self._files.move_to_end((prefix, name))
        return self.folder / prefix / name

    def holds(self, prefix: str, name: str) -> bool:
        return (prefix, name) in self._files

    def has_room(self, size: int) -> bool:
        """Returns True if `size` bytes fit without evicting anything."""
        return self.used_bytes + size <= self.limit_bytes

    def package(self, prefix: str) -> PackageListing | None:
        return self._packages.get(prefix)

    async def keep_package(self, package: PackageListing) -> None:
        await asyncio.to_thread(self._write_package, package)
        self._packages[package.prefix] = package
        self._note(package.prefix)

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

    async def keep(self, prefix: str, name: str, expected: PackageFile, part: Path) -> None:
        """Put a verified file in its place, durable and whole or not at all. Its room was
        reserved."""
        await asyncio.to_thread(_place, part, self.folder / prefix / name, expected)
        self._kept_bytes += expected.size - self._files.get((prefix, name), 0)
        self._files[prefix, name] = expected.size
        self.release(expected.size)
        self._note(prefix)

    def forget(self, prefix: str, name: str) -> None:
        """Delete a file that is not what it should be."""
        if (prefix, name) in self._files:
            self._evict(prefix, name)

    async def settle(self) -> None:
        """Return when evicted files have left the disk."""
        while self._leaving:
            await asyncio.gather(*self._leaving)

    def _note(self, prefix: str) -> None:
        """Hold the version in the inventory when every film and sound file of it is here."""
        package = self._packages.get(prefix)
        if package and all((prefix, name) in self._files for name in media_of(package)):
            self.inventory.hold(prefix)
        else:
            self.inventory.drop(prefix)

    def _evict(self, prefix: str, name: str) -> None:
        self._kept_bytes -= self._files.pop((prefix, name))
        self._note(prefix)
        log.info("edge.evicted", prefix=prefix, file=name)
        leaving = asyncio.ensure_future(self._unlink(prefix, name))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    async def _unlink(self, prefix: str, name: str) -> None:
        await asyncio.sleep(_GRACE_S)
        if (prefix, name) not in self._files:  # it may have come back meanwhile
            path = self.folder / prefix / name
            await asyncio.to_thread(path.unlink, missing_ok=True)

    def _read_packages(self) -> Iterator[PackageListing]:
        for former in self.folder.glob("*/*/.bill"):  # as version 0.1.0 called it
            former.replace(former.with_name(".package"))
        for file in self.folder.glob("*/*/.package"):
            try:
                yield msgspec.json.decode(file.read_bytes(), type=PackageListing)
            except msgspec.MsgspecError:
                file.unlink()  # the origin will tell again

    def _present(self, package: PackageListing) -> Iterator[tuple[float, tuple[str, str], int]]:
        for name, expected in package.files.items():
            path = self.folder / package.prefix / name
            if not path.is_file():
                continue
            if path.stat().st_size == expected.size:
                yield path.stat().st_atime, (package.prefix, name), expected.size
            else:
                path.unlink()

    def _write_package(self, package: PackageListing) -> None:
        target = self.folder / package.prefix / ".package"
        target.parent.mkdir(parents=True, exist_ok=True)
        part = self.folder / ".filling" / f"{os.urandom(8).hex()}.part"
        part.write_bytes(msgspec.json.encode(package))
        part.replace(target)


def stamp(expected: PackageFile) -> int:
    """Returns the modification time, in seconds, that a file of this hash has on every edge."""
    return 1_000_000_000 + int(expected.sha256[:8], 16) % 500_000_000


def media_of(package: PackageListing) -> list[str]:
    """Returns the files that a film needs to play; all of them where there are no others."""
    media = [name for name in package.files if name.endswith((".mp4", ".m4s", ".m4a", ".m4v"))]
    return media or list(package.files)


def _place(part: Path, target: Path, expected: PackageFile) -> None:
    now = int(part.stat().st_mtime)
    os.utime(part, (now, stamp(expected)))
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
