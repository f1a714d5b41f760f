"""Files that are on disk when the call returns, whole or not at all. Blocking: run in a thread.

A rename is atomic but not durable: the bytes need an fsync of the file, the name one of the folder,
and a folder that was just made one of its parent.
"""

import os
from contextlib import suppress
from pathlib import Path


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make `folder` and its missing parents."""
    if folder.is_dir():
        return
    make_folder(folder.parent, mode)
    with suppress(FileExistsError):
        folder.mkdir(mode)
    sync_folder(folder.parent)


def place_new(prepared: Path, final: Path) -> None:
    """Give a finished file its name. Raises `FileExistsError` when the name is taken."""
    os.link(prepared, final)
    sync_folder(final.parent)


def place_over(prepared: Path, final: Path) -> None:
    """Give a finished file its name, in place of what has it now."""
    prepared.replace(final)
    sync_folder(final.parent)
