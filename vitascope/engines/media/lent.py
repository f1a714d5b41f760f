"""Files of a service that runs as root, lent to a tool that does not.

A tool has a user of its own that owns nothing. What it is to read is given to that user's group,
and so is the folder in which it may write, where it could not already. Nobody else becomes
able to read anything: the folders above belong to the service alone.
"""

import os
import stat
from pathlib import Path

from vitascope.engines.media.confine import NOBODY


def lend(*read: Path, output: Path | None = None) -> None:
    """Let the tool read files and whole folders, and write in `output`. Blocking."""
    for place in read:
        _show(place)
        if place.is_dir():
            for inner in place.rglob("*"):
                _show(inner)
    if output is not None:
        _give(output)


def _give(folder: Path) -> None:
    found = folder.stat()
    if found.st_uid != NOBODY and not (found.st_gid == NOBODY and found.st_mode & 0o070 == 0o070):
        os.chown(folder, -1, NOBODY)
        folder.chmod(stat.S_IMODE(found.st_mode) | 0o070)
    for inner in folder.iterdir():
        if not inner.is_symlink() and inner.is_dir():
            _give(inner)
        else:
            _show(inner)


def _show(place: Path) -> None:
    found = place.lstat()
    needed = 0o5 if stat.S_ISDIR(found.st_mode) else 0o4
    needed |= found.st_mode >> 6 & 0o1  # a program may be run
    for_others, for_group = found.st_mode & needed, found.st_mode >> 3 & needed
    if (
        stat.S_ISLNK(found.st_mode)
        or found.st_uid == NOBODY
        or for_others == needed
        or (found.st_gid == NOBODY and for_group == needed)
    ):
        return
    os.chown(place, -1, NOBODY)
    place.chmod(stat.S_IMODE(found.st_mode) | needed << 3)
