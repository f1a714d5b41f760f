"""Bring a database to the schema that this version of the code knows, and refuse a newer one.

A domain keeps its revisions in `vitascope/<domain>/migrations/NNNN_words.py`. Each is an Alembic
revision (`revision`, `down_revision`, `upgrade()`) and runs inside one transaction with all the
others that are due, under a lock, so that two processes that start together do the work once.
Every package of revisions counts in a version table of its own, so that one database can hold
the tables of a domain and those of an engine (the outbox) without either knowing the other.
"""

import asyncio
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData

from vitascope.engines.rows.contract import NewerSchema


class Revisions:
    """The revisions of one package, read from disk once, off the event loop."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.folder = folder_of(package)
        self.version_table = version_table(package)
        self._config = Config()
        self._script = ScriptDirectory(str(self.folder), version_locations=[str(self.folder)])
        self.head = self._script.get_current_head()
        self.known = {script.revision for script in self._script.walk_revisions()}

    def upgrade(self, connection: Connection, whose: str) -> None:
        """Run what is due on `connection`. Raises `NewerSchema`."""
        self._refuse_newer(connection, whose)

        def due(revision: Any, _context: MigrationContext) -> Any:
            return self._script._upgrade_revs("head", revision)

        with EnvironmentContext(
            self._config, self._script, fn=due, destination_rev="head"
        ) as environment:
            environment.configure(
                connection=connection, version_table=self.version_table, render_as_batch=True
            )
            environment.run_migrations()

    def _refuse_newer(self, connection: Connection, whose: str) -> None:
        options = {"version_table": self.version_table}
        heads = MigrationContext.configure(connection, opts=options).get_current_heads()
        for head in heads:
            if head not in self.known:
                raise NewerSchema(
                    f"{whose} was written by a newer version of Vitascope: its schema is at "
                    f"{head} and this version knows {self.package} up to {self.head}. Start "
                    "the newer version again, or restore the backup taken before the upgrade.",
                    database=whose,
                    found=head,
                    known=self.head,
                )


def folder_of(package: str) -> Path:
    """Returns the folder of a package, which need not have an `__init__.py`."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"There is no folder of migrations called {package}.")
    return Path(next(iter(spec.submodule_search_locations)))


def version_table(package: str) -> str:
    """Returns the table that counts migrations: `version_of_catalog` for
    `vitascope.catalog.migrations`."""
    parts = [part for part in package.split(".") if part not in ("vitascope", "migrations")]
    return "version_of_" + "_".join(parts)


async def read_revisions(packages: Sequence[str]) -> list[Revisions]:
    return await asyncio.to_thread(lambda: [Revisions(package) for package in packages])


def upgrade(connection: Connection, revisions: Sequence[Revisions], whose: str) -> None:
    """Bring `connection`'s database to the head of every package. Raises `NewerSchema`."""
    for each in revisions:
        each.upgrade(connection, whose)


def drift(connection: Connection, metadata: MetaData) -> list[Any]:
    """Returns how the tables in the database differ from `metadata`; empty when the migrations are
    whole.

    Tables that `metadata` does not name are another's, and no difference.
    """

    def include(_obj: Any, _name: Any, kind: str, reflected: bool, other: Any) -> bool:
        return not (kind == "table" and reflected and other is None)

    context = MigrationContext.configure(connection, opts={"include_object": include})
    return list(compare_metadata(context, metadata))
