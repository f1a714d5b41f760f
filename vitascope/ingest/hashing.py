"""SHA-256 of a master, over its bytes as they arrive.

The standard library cannot save the state of a hash, so after a restart the bytes before the
offset are hashed again: from disk in a thread while new ones arrive (1 to 2 GB/s), or from the
object store at the end, when its parts can be read.
"""

import hashlib
import threading
from pathlib import Path

_BLOCK = 4 << 20


class RunningHash:
    """SHA-256 over a file that is still growing. Safe between threads."""

    def __init__(self) -> None:
        self._sha = hashlib.sha256()
        self._position = 0
        self._lock = threading.Lock()

    def feed(self, offset: int, data: bytes) -> None:
        """Take bytes on arrival, when all before them are in; else they are read later."""
        with self._lock:
            if offset == self._position:
                self._sha.update(data)
                self._position += len(data)

    def catch_up(self, path: Path, until: int) -> None:
        """Read from the file what was not taken on arrival."""
        with path.open("rb") as file:
            while True:
                with self._lock:
                    if self._position >= until:
                        return
                    file.seek(self._position)
                    block = file.read(min(_BLOCK, until - self._position))
                    if not block:
                        raise EOFError(f"{path} ends at {self._position}, before {until}")
                    self._sha.update(block)
                    self._position += len(block)

    def copy(self) -> "RunningHash":
        """Returns a copy that goes on by itself from here."""
        made = RunningHash()
        with self._lock:
            made._sha, made._position = self._sha.copy(), self._position
        return made

    def become(self, other: "RunningHash") -> None:
        """Go to where `other` stands, a copy that went further."""
        with self._lock:
            if other._position > self._position:
                self._sha, self._position = other._sha, other._position

    @property
    def position(self) -> int:
        """Returns how many bytes were taken."""
        return self._position

    def hexdigest(self) -> str:
        return self._sha.hexdigest()

    def digest(self, path: Path, size: int) -> str:
        """Returns the hash in hex, over the first `size` bytes."""
        self.catch_up(path, size)
        return self._sha.hexdigest()
