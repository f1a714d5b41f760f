"""The data folder: which version wrote it, who is using it, and whether there is room.

The layout has a number of its own. A newer service opens an older folder (the migrations of each
domain bring its tables forward); an older service refuses a newer folder and leaves it alone.

Nobody else on the machine may look into it: masters, clear intermediates, accounts and keys lie
there. So it is 0700, whatever an older version left, and every process makes what it writes for
its own user alone (`keep_to_this_user`).
"""

import contextlib
import errno
import fcntl
import os
import shutil
import socket
import stat
from pathlib import Path
from typing import IO

import msgspec

from vitascope import __version__
from vitascope.kernel.errors import Conflict, Unavailable, VitascopeError

LAYOUT = 1
LEAST_FREE_BYTES = 500_000_000
STAMP = "vitascope.json"
MOST_PORT = 65535


class NewerFolder(Conflict):
    code = "newer-data-folder"


class FolderInUse(Conflict):
    code = "data-folder-in-use"


class DataFolderFull(Unavailable):
    code = "data-folder-full"


class PortTaken(Conflict):
    code = "port-taken"


class PortUnusable(Unavailable):
    code = "port-unusable"


class FolderUnusable(Unavailable):
    code = "data-folder-unusable"


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    layout: int
    version: str


def keep_to_this_user() -> None:
    """Let nothing that this process and its children write be read by another user."""
    os.umask(0o077)


def open_folder(folder: Path) -> None:
    """Make the folder ready, or raise a refusal that says what to do."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_stamp(folder)
        _check_room(folder)
        _write_stamp(folder)
        _tighten(folder)
    except OSError as error:
        raise FolderUnusable(
            f"The data folder {folder} cannot be used: {error.strerror}. "
            "Make it writable for this user, or choose another with --data DIR."
        ) from None


def readable_by_others(folder: Path) -> bool:
    """Returns True where other users of the machine may look into an existing folder."""
    return bool(stat.S_IMODE(folder.stat().st_mode) & 0o077)


def _tighten(folder: Path) -> None:
    """Close the folder and what stands in it; further down nobody comes any more. Where another
    user owns it (a volume of a container) that is not ours to do: `doctor` says so."""
    for place in (folder, *folder.iterdir()):
        if not place.is_symlink() and readable_by_others(place):
            with contextlib.suppress(PermissionError, FileNotFoundError):
                place.chmod(stat.S_IMODE(place.stat().st_mode) & 0o700)


def _check_stamp(folder: Path) -> None:
    file = folder / STAMP
    if not file.exists():
        return
    try:
        stamp = msgspec.json.decode(file.read_bytes(), type=Stamp)
    except msgspec.MsgspecError:
        raise FolderUnusable(
            f"{file} cannot be read. Restore it from a backup, or choose another data folder "
            "with --data DIR."
        ) from None
    if stamp.layout > LAYOUT:
        raise NewerFolder(
            f"{folder} was written by Vitascope {stamp.version}, which is newer than this "
            f"{__version__}. Update Vitascope, or choose another data folder with --data DIR. "
            "Nothing was changed."
        )


def _check_room(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise DataFolderFull(
            f"Only {free / 1e6:.0f} MB are free where {folder} lies, and at least "
            f"{LEAST_FREE_BYTES / 1e6:.0f} MB are needed. Free some space, or choose another "
            "place with --data DIR."
        )


def _write_stamp(folder: Path) -> None:
    written = msgspec.json.encode(Stamp(layout=LAYOUT, version=__version__))
    file = folder / STAMP
    if file.exists() and file.read_bytes() == written:
        return
    fresh = folder / f".{STAMP}.{os.getpid()}"
    fresh.write_bytes(written)
    fresh.replace(file)


def hold(folder: Path) -> IO[bytes]:
    """Claim the folder for one `up` at a time; the claim lasts until the file is closed."""
    file = (folder / "up.lock").open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise FolderInUse(
            f"Another `vitascope up` is using {folder}. Stop it first, or choose another data "
            "folder with --data DIR."
        ) from None
    return file


def check_ports(host: str, first: int, count: int) -> None:
    """Raises `PortTaken`, or `PortUnusable`, unless `count` ports from `first` on are free."""
    last = first + count - 1
    if last > MOST_PORT:
        raise PortUnusable(
            f"The service takes ports {first} to {last}, and there is none above {MOST_PORT}. "
            f"Choose --port {MOST_PORT + 1 - count} or less."
        )
    for port in range(first, last + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise _port_refused(host, port, first, last, error) from None


def _port_refused(host: str, port: int, first: int, last: int, error: OSError) -> VitascopeError:
    if error.errno == errno.EADDRINUSE:
        what = "" if port == first else f" (the service takes {first} to {last})"
        other = first + 100 if last + 100 <= MOST_PORT else first - 100
        return PortTaken(
            f"Port {port} is taken{what}. Stop what uses it, or choose another with "
            f"--port N, for example --port {other}."
        )
    return PortUnusable(
        f"Port {port} of {host} cannot be opened: {error.strerror}. Choose another with --port N, "
        "and let the setting [service] host be an address of this machine."
    )
