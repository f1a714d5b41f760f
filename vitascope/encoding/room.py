"""Room on the disk: looked for before each step, and told in one way where it runs out in one."""

import asyncio
import errno
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vitascope.encoding.contract.request import NoRoom
from vitascope.engines import media
from vitascope.engines.blobs import BlobsFull


class Room:
    """What is to stay free of the disk on which `folder` lies, so that what else is there, such as
    the database, goes on."""

    def __init__(self, folder: Path, keep_free: int) -> None:
        self._folder = folder
        self._keep_free = keep_free

    async def need(self) -> None:
        free = await asyncio.to_thread(self._free)
        if free < self._keep_free:
            raise NoRoom(
                f"The disk of {socket.gethostname()} is full: {_mib(free)} MiB are free, and "
                f"{_mib(self._keep_free)} MiB are kept free.",
                where=str(self._folder),
            )

    def _free(self) -> int:
        there = next(place for place in (self._folder, *self._folder.parents) if place.exists())
        return shutil.disk_usage(there).free


@contextmanager
def no_room_in_words() -> Iterator[None]:
    """Raise `NoRoom` for whatever tells that a disk is full."""
    try:
        yield
    except (media.ToolDiskFull, BlobsFull) as full:
        raise NoRoom(f"A disk of {socket.gethostname()} is full.", where=full.detail) from full
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise NoRoom(f"A disk of {socket.gethostname()} is full.", where=str(error)) from error


def _mib(count: int) -> int:
    return count // 2**20
