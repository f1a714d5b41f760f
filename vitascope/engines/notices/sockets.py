"""Notices on one machine: a Unix datagram socket for each listening process, in one folder.

How the words map: to `listen` is to have a socket in the folder; to `tell` is to send the topic to
every socket there. The kernel wakes the listener, so waiting costs nothing. A socket whose process
is gone refuses, and is removed by whoever meets it. One that is full needs no further notice: its
process has some to read.

Costs: `tell` takes a few microseconds for each process that listens; a process that listens has
one thread, which sleeps. Permissions: the folder is made for the user of the service alone.
"""

import asyncio
import errno
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vitascope.engines.notices.listeners import Listeners

_logger = logging.getLogger("vitascope.notices")

_LONGEST = 256  # bytes of a topic
_NOT_THERE = {errno.ECONNREFUSED, errno.ENOENT}
_STOP = b""
_BY_DESCRIPTOR = Path("/proc/self/fd")


class SocketNotices:
    """`folder` is made when it is first needed. All processes of a service name the same one."""

    def __init__(self, *, folder: Path) -> None:
        self._folder = folder
        self._listeners = Listeners()
        self._lock = threading.Lock()
        self._name = f"{os.getpid()}-{os.urandom(4).hex()}.sock"
        self._thread: threading.Thread | None = None
        self._closed = False

    def listen(self, topic: str, wake: Callable[[], None]) -> None:
        self._listeners.add(topic, wake)
        with self._lock:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._receive, name="notices", daemon=True)
                self._thread.start()

    def tell(self, topic: str) -> None:
        try:
            with _opened(self._folder) as folder:
                for socket_file in folder.iterdir():
                    _send(topic.encode(), socket_file)
        except OSError as error:
            # whoever listens looks without a notice too, only later
            _logger.warning("no notice of %s can be given: %s", topic, error)

    async def close(self) -> None:
        await asyncio.to_thread(self._close)

    def _receive(self) -> None:
        """The listening thread: own a socket, and wake whom a notice concerns."""
        try:
            with (
                _opened(self._folder) as folder,
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver,
            ):
                receiver.bind(str(folder / self._name))
                try:
                    self._listeners.reached()
                    while notice := receiver.recv(_LONGEST):
                        self._listeners.wake(notice.decode())
                finally:
                    (folder / self._name).unlink(missing_ok=True)
        except OSError as error:
            _logger.warning("no notices can be received in %s: %s", self._folder, error)

    def _close(self) -> None:
        with self._lock:
            self._closed, thread = True, self._thread
        while thread is not None and thread.is_alive():
            with suppress(OSError), _opened(self._folder) as folder:
                _send(_STOP, folder / self._name)  # again, if it had no socket yet or is full
            thread.join(0.1)


@contextmanager
def _opened(folder: Path) -> Iterator[Path]:
    """The folder under a short name. The address of a socket has room for some hundred bytes and
    the path of a data folder may be longer: on Linux the folder is named by its descriptor."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _BY_DESCRIPTOR.is_dir():
        yield folder
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield _BY_DESCRIPTOR / str(descriptor)
    finally:
        os.close(descriptor)


def _send(notice: bytes, socket_file: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        try:
            sender.sendto(notice, str(socket_file))
        except BlockingIOError:
            pass  # it is full of notices that were not read yet
        except OSError as error:
            if error.errno not in _NOT_THERE:
                raise
            # It may be about to be bound, so only one that was left behind is removed.
            if error.errno == errno.ECONNREFUSED and not _is_running(socket_file):
                socket_file.unlink(missing_ok=True)


def _is_running(socket_file: Path) -> bool:
    """Returns True if there is a process with the id by which the file's name begins."""
    pid = socket_file.name.partition("-")[0]
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
