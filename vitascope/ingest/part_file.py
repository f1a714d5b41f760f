"""An upload's bytes on disk: one sparse file, written in place, hashed as the bytes arrive.

How far an upload has come is told by two marks. The row in the database is moved after the bytes
were forced to disk, so it survives a power cut. Beside the file lies a mark that is written after
every write and forced by nobody: when only the process was killed, the kernel still holds all that
was written, and the mark tells how much. It names the boot it belongs to, and counts in no other.
"""

import fcntl
import functools
import os
import shutil
from pathlib import Path

from vitascope.kernel.ids import UploadId


class PartFile:
    """The files of one upload. Everything here blocks: call it in a thread."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / f"{name}.part"
        self._mark = folder / f"{name}.mark"

    def make(self, size: int) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.ftruncate(file, size)
            os.fsync(file)
        finally:
            os.close(file)
        _sync_folder(self.path.parent)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        self._mark.unlink(missing_ok=True)

    def reached(self, durable: int, size: int) -> int:
        """Returns how many bytes are here, given how many certainly were; forces them to disk if
        more."""
        try:
            boot, written = self._mark.read_text().split()
        except (OSError, ValueError):
            return durable
        if boot != boot_id() or not durable < int(written) <= size:
            return durable
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())
        return int(written)

    def open(self) -> "OpenPart | None":
        """Open for writing. Returns None while another process or request has it open."""
        return OpenPart.of(self.path, self._mark)


class OpenPart:
    """The one place that writes to an upload, as long as it holds the file's lock."""

    def __init__(self, file: int, mark: int) -> None:
        self._file = file
        self._mark = mark

    @classmethod
    def of(cls, path: Path, mark: Path) -> "OpenPart | None":
        file = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        return cls(file, os.open(mark, os.O_RDWR | os.O_CREAT, 0o600))

    def write(self, offset: int, data: bytes) -> None:
        view = memoryview(data)
        while view:
            written = os.pwrite(self._file, view, offset)
            view, offset = view[written:], offset + written

    def mark(self, offset: int) -> None:
        os.pwrite(self._mark, f"{boot_id()} {offset:020}\n".encode(), 0)

    def sync(self) -> None:
        os.fdatasync(self._file)

    def close(self) -> None:
        os.close(self._mark)
        os.close(self._file)


def names_before(folder: Path, at_ms: int) -> set[UploadId]:
    """Returns the uploads with files in the folder that nobody has written to since `at_ms`."""
    files = {path: path.stat() for path in folder.glob("*.part")}
    return {UploadId(path.stem) for path, s in files.items() if s.st_mtime * 1000 < at_ms}


def free_bytes(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


@functools.cache
def boot_id() -> str:
    """Returns what changes with every start of the kernel; where there is none, no mark is
    believed."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return f"unknown-{os.getpid()}"


def _sync_folder(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
