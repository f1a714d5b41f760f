"""Which of SQLite's errors mean that the database is unavailable, each in a sentence."""

from pathlib import Path

from sqlalchemy.exc import DBAPIError

from vitascope.engines.rows.contract import RowsUnavailable
from vitascope.engines.sqlite_library import sqlite

_PRIMARY = 0xFF  # an extended result code keeps its family in the low byte

_SENTENCES = {
    sqlite.SQLITE_BUSY: "{path} is held by another process. Try again; if it lasts, stop the "
    "program that keeps it locked.",
    sqlite.SQLITE_LOCKED: "{path} is locked. Try again.",
    sqlite.SQLITE_FULL: "The disk that holds {path} is full. Nothing was saved; free some space "
    "and try again.",
    sqlite.SQLITE_IOERR: "The disk that holds {path} failed or is full ({error}). Nothing was "
    "saved; check the disk and try again.",
    sqlite.SQLITE_CANTOPEN: "{path} cannot be opened. Check that its folder exists and that the "
    "service may write to it.",
    sqlite.SQLITE_READONLY: "{path} may not be written. Give the service's user the right to "
    "write to it and to its folder.",
    sqlite.SQLITE_NOTADB: "{path} is not a database of ours. Move it away or restore a backup.",
    sqlite.SQLITE_CORRUPT: "{path} is damaged. Stop the service and restore a backup.",
    sqlite.SQLITE_NOMEM: "There is no memory left to work on {path}. Try again.",
}


def unavailable_for(
    error: BaseException, path: Path, *, reading: bool = False
) -> RowsUnavailable | None:
    """Returns the refusal that `error` amounts to, or None when it is the statement's own fault.

    While `reading`, SQLite's READONLY is such a fault: the statement tried to write.
    """
    original = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlite_errorcode", 0) & _PRIMARY
    if code not in _SENTENCES or (reading and code == sqlite.SQLITE_READONLY):
        return None
    return RowsUnavailable(_SENTENCES[code].format(path=path, error=original))
