"""The database under DBOS: opened once a process, with our settings and our table beside its own.

SQLite: one file in WAL mode with `synchronous=FULL`, so that what `start` acknowledged survives a
power cut, and with writers that wait for each other (`BEGIN IMMEDIATE`, 30 s). DBOS's own engine
leaves the rollback journal on, which is about ten times slower here.
PostgreSQL: the schema `work` of any database whose role may create schemas and tables; a process
keeps at most ten connections. Only the first start of a version changes tables.
"""

import json
import logging
import threading
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, Serializer
from dbos import error as dbos_error
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from vitascope.engines.sqlite_dialect import URL_SCHEME
from vitascope.engines.work.contract import StepFailed
from vitascope.kernel.errors import Unavailable, VitascopeError

APPLICATION = "vitascope"
# DBOS lets only workers of the same version run an item. Ours never changes: a workflow whose
# steps change in a way that kept results do not fit gets a new name instead.
VERSION = "vitascope"
SCHEMA = "work"
TOPIC = "work"  # of the notice that there may be work in a queue

BEATS = sa.Table(
    "work_heartbeats",
    sa.MetaData(),
    sa.Column("worker", sa.Text, primary_key=True),
    sa.Column("beats", sa.BigInteger, nullable=False),
)
NOBODY = "-"  # the party of work that has none; an earlier version noted none at all
ITEMS = sa.Table(  # of DBOS's own table, what a look at queues and at the others' work needs
    "workflow_status",
    sa.MetaData(),
    sa.Column("workflow_uuid", sa.Text, primary_key=True),
    sa.Column("status", sa.Text),
    sa.Column("executor_id", sa.Text),
    sa.Column("queue_name", sa.Text),
    sa.Column("queue_partition_key", sa.Text),
    sa.Column("priority", sa.Integer),
    sa.Column("created_at", sa.BigInteger),
    sa.Column("owner_xid", sa.Text),
    sa.Column("started_at_epoch_ms", sa.BigInteger),
)


class WorkUnavailable(Unavailable):
    """The work database cannot be opened."""

    code = "work-unavailable"


class WorkDatabase:
    """A process's way to the work database. Everything here blocks: call it in a thread."""

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        self._lock = threading.Lock()
        self._engine: sa.Engine | None = None
        self._client: DBOSClient | None = None

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    def engine(self) -> sa.Engine:
        """Returns the engine, opened and migrated at the first call. Raises `WorkUnavailable`."""
        with self._lock:
            if self._engine is None:
                self._engine = self._open()
            return self._engine

    def client(self) -> DBOSClient:
        engine = self.engine()
        with self._lock:
            if self._client is None:
                self._client = DBOSClient(
                    system_database_engine=engine,
                    dbos_system_schema=SCHEMA,
                    serializer=JsonSerializer(),
                    application_name=APPLICATION,
                )
            return self._client

    def dbos_url(self) -> str:
        return self.url.set(
            drivername=URL_SCHEME if self.is_sqlite else "postgresql"
        ).render_as_string(hide_password=False)

    def close(self) -> None:
        with self._lock:
            client, engine = self._client, self._engine
            self._client = self._engine = None
        if client is not None:
            client.destroy()
        if engine is not None:
            engine.dispose()

    def _open(self) -> sa.Engine:
        quiet_dbos()
        try:
            engine = self._sqlite() if self.is_sqlite else self._postgres()
            with engine.connect() as connection:
                connection.execute(sa.text("SELECT 1"))
            DBOS.migrate(self.dbos_url(), schema=SCHEMA)
            return _with_beats(engine)
        except (DBAPIError, OSError) as error:
            place = self.url.render_as_string(hide_password=True)
            raise WorkUnavailable(
                f"The work database {place} cannot be opened: {error}. Check that it is there, "
                "that it may be written, and that its disk is not full."
            ) from error

    def _sqlite(self) -> sa.Engine:
        Path(self.url.database or "").parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(self.url.set(drivername=URL_SCHEME), pool_size=10)

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _: Any) -> None:
            connection.isolation_level = "IMMEDIATE"
            for pragma in (
                "busy_timeout=30000",
                "foreign_keys=ON",
                "journal_mode=WAL",
                "synchronous=FULL",
            ):
                connection.execute(f"PRAGMA {pragma}")

        return engine

    def _postgres(self) -> sa.Engine:
        engine = sa.create_engine(
            self.url.set(drivername="postgresql+psycopg"),
            pool_size=5,
            max_overflow=5,
            pool_pre_ping=True,
        )
        return engine.execution_options(schema_translate_map={None: SCHEMA})


def _with_beats(engine: sa.Engine) -> sa.Engine:
    try:
        BEATS.create(engine, checkfirst=True)
    except DBAPIError:  # another process was faster
        BEATS.create(engine, checkfirst=True)
    return engine


def quiet_dbos() -> None:
    """Let DBOS's log go through ours, and only what an operator should see of it."""
    log = logging.getLogger("dbos")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    log.setLevel(logging.ERROR)


class JsonSerializer(Serializer):
    """Inputs, results and errors as JSON, so that a newer version can read what an older one wrote,
    and nothing read from the database can run code (DBOS's own way is pickle)."""

    def name(self) -> str:
        return "vitascope-json"

    def serialize(self, data: Any) -> str:
        kept = {"raised": _told(data)} if isinstance(data, BaseException) else {"value": data}
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))

    def deserialize(self, serialized_data: str) -> Any:
        kept = json.loads(serialized_data)
        if "raised" not in kept:
            return kept["value"]
        return StepFailed(kept["raised"]["detail"], **kept["raised"]["extra"])


def _told(error: BaseException) -> dict[str, Any]:
    failed = step_failed(error)
    extra = {k: v for k, v in failed.extra.items() if isinstance(v, str | int | float | bool)}
    return {"detail": failed.detail, "extra": extra}


def step_failed(error: BaseException) -> StepFailed:
    """Returns what became of a step, in our words."""
    if isinstance(error, dbos_error.DBOSMaxStepRetriesExceeded) and error.errors:
        error = error.errors[-1]
    if isinstance(error, StepFailed):
        return error
    if isinstance(error, VitascopeError):
        return StepFailed(error.detail, code=error.code, cause=type(error).__name__)
    return StepFailed(str(error) or type(error).__name__, code="", cause=type(error).__name__)
