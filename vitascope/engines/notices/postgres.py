"""Notices through PostgreSQL: `NOTIFY` on one channel, with the topic as its payload.

Costs: a connection for each process that listens and one for each that tells, each with a thread
that sleeps. A pooler in between must be one of sessions: `LISTEN` belongs to a connection. When a
connection is lost it is opened again, and everybody is woken, since notices may have been missed.
"""

import asyncio
import logging
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from vitascope.engines.notices.listeners import Listeners

_logger = logging.getLogger("vitascope.notices")

_CHANNEL = "vitascope"
_NOTIFY = text("SELECT pg_notify(:channel, :topic)")
_AGAIN_S = 2.0
_STOP = ""


class PostgresNotices:
    """`url` is `postgresql://user:password@host:port/database`. Connects when first used."""

    def __init__(self, *, url: str) -> None:
        self._engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={"application_name": "vitascope notices"},
        )
        self._listeners = Listeners()
        self._lock = threading.Lock()
        self._outgoing: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._threads: dict[str, threading.Thread] = {}
        self._closing = threading.Event()

    def listen(self, topic: str, wake: Callable[[], None]) -> None:
        self._listeners.add(topic, wake)
        self._run(self._receive)

    def tell(self, topic: str) -> None:
        self._run(self._send)
        self._outgoing.put(topic)

    async def close(self) -> None:
        self._closing.set()
        await asyncio.to_thread(self._close)

    def _run(self, work: Callable[[Any], None]) -> None:
        """Have one thread that keeps doing `work` on a connection of its own."""
        name = work.__name__
        with self._lock:
            if name not in self._threads:
                thread = threading.Thread(
                    target=self._connected, args=(work,), name=f"notices {name}", daemon=True
                )
                self._threads[name] = thread
                thread.start()

    def _connected(self, work: Callable[[Any], None]) -> None:
        while not self._closing.is_set():
            try:
                with self._engine.connect() as connection:
                    work(connection)
            except Exception as error:  # noqa: BLE001 - whatever it is: connect again
                _logger.warning("notices wait for PostgreSQL: %s", error)
                self._closing.wait(_AGAIN_S)

    def _receive(self, connection: Any) -> None:
        driver = connection.connection.driver_connection
        driver.execute(f"LISTEN {_CHANNEL}")
        if self._closing.is_set():  # what ends this thread may have been told before
            return
        self._listeners.reached()
        try:
            for notice in driver.notifies():
                if self._closing.is_set():
                    return
                self._listeners.wake(notice.payload)
        finally:
            self._listeners.lost()

    def _send(self, connection: Any) -> None:
        while True:
            topic = self._outgoing.get()
            if topic == _STOP:
                return
            try:
                connection.execute(_NOTIFY, {"channel": _CHANNEL, "topic": topic})
            except Exception:
                self._outgoing.put(topic)  # for the next connection
                raise

    def _close(self) -> None:
        """End both threads; one that listens must hear something to notice it."""
        self._outgoing.put(_STOP)
        if "_receive" in self._threads:
            with suppress(Exception), self._engine.connect() as connection:
                connection.execute(_NOTIFY, {"channel": _CHANNEL, "topic": _STOP})
        for thread in list(self._threads.values()):
            thread.join(_AGAIN_S + 3.0)
        with suppress(Exception):
            self._engine.dispose()
