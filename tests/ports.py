"""Ports for the servers of tests.

They lie below those that the kernel gives to whoever asks for any, so that no client takes one
between the look and the use. A port that was given out belongs to this process until it ends, for
all test runs on this machine: a lock on the byte of its number says so.
"""

import fcntl
import os
import socket
import tempfile
from functools import cache
from pathlib import Path
from typing import BinaryIO

_LOWEST, _HIGHEST = 10_000, 19_999
_given: set[int] = set()


def free_port() -> int:
    return free_ports(1)


def free_ports(count: int) -> int:
    """The first of `count` free ports in a row."""
    span = _HIGHEST - _LOWEST + 1 - count
    for step in range(span):
        first = _LOWEST + (os.getpid() * 37 + step) % span
        wanted = range(first, first + count)
        if not _given.intersection(wanted) and all(map(_taken, wanted)):
            _given.update(wanted)
            return first
    raise RuntimeError(f"No {count} ports in a row are free from {_LOWEST} to {_HIGHEST}.")


def _taken(port: int) -> bool:
    """Returns False if somebody else has it."""
    try:
        fcntl.lockf(_locks(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@cache
def _locks() -> BinaryIO:
    """Kept open: closing it would give all locks back."""
    return (Path(tempfile.gettempdir()) / f"vitascope-test-ports-{os.getuid()}").open("ab")
