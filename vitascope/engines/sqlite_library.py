"""The SQLite of this process: one library for every embedded database, and new enough.

Before 3.51.3 a checkpoint of the write-ahead log could lose pages that another process was
writing, which damages a database that several processes write, as `up` has it. Pythons carry
SQLite of all ages (Debian 12: 3.40.1), so the one of `pysqlite3` is used, whose wheels carry
their own. Where there is no wheel (see `pyproject.toml`) Python's own is used if it is new enough.

Never two libraries in one process: closing a file drops every lock that the process holds on it,
also those that the other library took. So nobody else imports `sqlite3` or `pysqlite3`, and
SQLAlchemy and DBOS, which open a database by a URL, are given that of `sqlite_dialect`.
"""

import sqlite3 as _of_python
from types import ModuleType
from typing import TYPE_CHECKING

from vitascope.kernel.errors import Unavailable

OLDEST = (3, 51, 3)


class SqliteTooOld(Unavailable):
    """This Python has no SQLite that several processes may write with."""

    code = "sqlite-too-old"


def newest(*libraries: ModuleType) -> ModuleType:
    """Returns the first library that is new enough, else the last one, for `need_new` to refuse."""
    fit = (one for one in libraries if one.sqlite_version_info >= OLDEST)
    return next(fit, libraries[-1])


def _installed() -> list[ModuleType]:
    try:
        from pysqlite3 import dbapi2  # type: ignore[import-untyped]
    except ImportError:
        return [_of_python]
    return [dbapi2, _of_python]


if TYPE_CHECKING:
    sqlite = _of_python
else:
    sqlite = newest(*_installed())


def version() -> str:
    """Returns the version in use and whose it is, for people: `3.53.4 (pysqlite3)`."""
    whose = "Python's own" if sqlite is _of_python else sqlite.__name__.partition(".")[0]
    return f"{sqlite.sqlite_version} ({whose})"


def need_new(library: ModuleType = sqlite) -> None:
    """Raises `SqliteTooOld` for a library before `OLDEST`."""
    if library.sqlite_version_info < OLDEST:
        raise SqliteTooOld(
            f"SQLite {library.sqlite_version} is too old: before {'.'.join(map(str, OLDEST))} a "
            "database that several processes write can be damaged. Install pysqlite3 0.6.1 or "
            "newer (it has wheels for Linux on x86-64, macOS on Apple silicon and Windows); "
            "elsewhere use a Python with a newer SQLite: `uv python install 3.13` brings one. "
            "`python -c 'import sqlite3; print(sqlite3.sqlite_version)'` tells which it has."
        )
