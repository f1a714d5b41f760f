"""Secrets as files: one per name, readable by the service's user alone.

How the words map: the folder is 0700, a file 0600. `get_or_make` prepares the value beside the
name and links it in, which only the first of several processes can; the others read what it made.
A file that others may read is closed to them, and refused where that is not possible.
"""

import asyncio
import os
import re
import secrets
import stat
from pathlib import Path

from vitascope.engines import durable
from vitascope.kernel.errors import Invalid, NotFound, Unavailable

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


class FileSecrets:
    """Secrets in `folder`, which is made when the first is kept."""

    def __init__(self, *, folder: Path) -> None:
        self._folder = folder

    async def get(self, name: str) -> bytes:
        return await asyncio.to_thread(self._get, self._path(name))

    async def get_or_make(self, name: str, size: int = 32) -> bytes:
        return await asyncio.to_thread(self._get_or_make, self._path(name), size)

    async def put(self, name: str, value: bytes) -> None:
        await asyncio.to_thread(self._put, self._path(name), value)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise Invalid(f"{name!r} cannot name a secret: use small letters, digits and ._-")
        return self._folder / name

    def _get(self, path: Path) -> bytes:
        try:
            mode = path.stat().st_mode
            if stat.S_IMODE(mode) & 0o077:
                path.chmod(0o600)
            return path.read_bytes()
        except FileNotFoundError as error:
            raise NotFound(f"There is no secret {path.name}.") from error
        except PermissionError as error:
            raise Unavailable(
                f"{path} cannot be read safely. Give it to the service's user: chown, chmod 600."
            ) from error

    def _get_or_make(self, path: Path, size: int) -> bytes:
        try:
            return self._get(path)
        except NotFound:
            prepared = self._prepare(secrets.token_bytes(size))
        try:
            durable.place_new(prepared, path)
        except FileExistsError:
            pass
        finally:
            prepared.unlink(missing_ok=True)
        return self._get(path)

    def _put(self, path: Path, value: bytes) -> None:
        prepared = self._prepare(value)
        try:
            durable.place_over(prepared, path)
        finally:
            prepared.unlink(missing_ok=True)

    def _prepare(self, value: bytes) -> Path:
        """Returns the value in a file on disk that has no name yet that anyone asks for."""
        durable.make_folder(self._folder.parent)
        durable.make_folder(self._folder, 0o700)
        prepared = self._folder / f".{secrets.token_hex(8)}"
        descriptor = os.open(prepared, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(value)
            file.flush()
            os.fsync(file.fileno())
        return prepared
